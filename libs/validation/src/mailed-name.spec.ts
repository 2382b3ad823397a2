import { mailedName } from './mailed-name';
import { fieldRules } from './rule';

const messagesOf = (value: unknown) => mailedName.safeParse(value).error?.issues.map(({ message }) => message);

describe('mailedName', () => {
  it.each([
    'Nordlys A/S',
    'Ada Lovelace',
    'J.R.R. Tolkien',
    'Ada Lovelace, M.Sc.',
    'M.Sc Ada',
    'Yahoo!',
    'S.p.A. Motori',
    'Nordlys d.o.o.',
    'E.ON SE',
    'Node.js Meetup',
    'St.Gallen AG',
    'AC\\DC',
    'R&D <Berlin>',
    '24/7 Service',
    'Acme: Portal',
    'Acme:Portal',
    'c/o Ada',
    'News @ Ten',
    'Version 2.0',
    'évil.сом',
  ])('accepts %j, which is not a link', (name) => expect(mailedName.parse(name)).toBe(name));

  it.each([
    'https://evil.example',
    'HTTPS://evil',
    'Ada http:evil',
    'ftp://evil',
    'evil://x',
    'mailto:ada',
    'call tel:+4712345678',
    'Free money www.evil',
    'www2.evil',
    'You won! evil.com',
    'EVIL.COM',
    'evil.com.',
    'evil.com/path',
    '(evil.com)',
    't.co/x',
    'evil.com:8080',
    'evil.com-',
    'evil.com.invalid',
    'evil\u3002com',
    'evil\uff61com',
    'evil\uff0ecom',
    '\uff45\uff56\uff49\uff4c.\uff43\uff4f\uff4d',
    '\uff48\uff54\uff54\uff50\uff1a\uff0f\uff0f\uff45vil',
    'evil.xn--p1ai',
    'зло.рф',
    '悪.中国',
    'ada@evil.com',
    'evil.technology',
    '\\\\evil\\share',
  ])('refuses %j, which email clients turn into a link', (name) => {
    expect(messagesOf(name)).toEqual([fieldRules.link_not_allowed]);
  });

  it('applies the rules of every name', () => {
    expect(mailedName.parse('  Ada \t Lovelace ')).toBe('Ada Lovelace');
    for (const name of ['', 'Ada\u202E', 'x'.repeat(101)]) expect(mailedName.safeParse(name).success).toBe(false);
  });
});
