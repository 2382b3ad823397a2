import { avatarUrl } from './avatar-url';

const accepts = (value: unknown) => avatarUrl.safeParse(value).success;

describe('avatarUrl', () => {
  it.each([
    ['https://avatars.githubusercontent.com/u/1?v=4', 'https://avatars.githubusercontent.com/u/1?v=4'],
    ['HTTPS://Example.COM/A b.png', 'https://example.com/A%20b.png'],
    ['https://example.com:443/a.png', 'https://example.com/a.png'],
    ['https://example.com/\u0000.png', 'https://example.com/%00.png'],
    ['\n https://exam\tple.com/a\n.png ', 'https://example.com/a.png'],
  ])('converts %j to %s', (text, url) => expect(avatarUrl.parse(text)).toBe(url));

  it.each([
    '',
    'x',
    '/a.png',
    '//example.com/a.png',
    'http://example.com/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'https://user@example.com/a.png',
    'https://user:password@example.com/a.png',
    'https://example.com:8443/a.png',
    'https://localhost/a.png',
    'https://127.0.0.1/a.png',
    'https://2130706433/a.png',
    'https://0x7f.1/a.png',
    'https://[::1]/a.png',
    'https://example.com./a.png',
    'https://1.2.3.4.5/a.png',
    'https://example.com/a.svg',
    'https://example.com/a.SVGZ?x=.png',
    `https://example.com/${'ü'.repeat(1_000)}`,
  ])('refuses %j', (text) => expect(accepts(text)).toBe(false));
});
