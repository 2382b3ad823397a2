import { mail, noticedSecurityEvents, organizationNotice, type Mail } from '#libs/contracts';
import { locales } from '#libs/validation';
import { LinkifyIt } from 'linkify-it';
import tlds from 'tlds';
import { renderMail } from './render';

const url = 'https://app.acme.test/verify-email#token=abc.def';
const mails: Mail[] = [
  { template: 'verify-email', name: 'Ada', url, expiresInHours: 24, keepsPassword: true },
  { template: 'verify-email', name: 'Ada', url, expiresInHours: 24, keepsPassword: false },
  { template: 'already-registered', name: 'Ada' },
  { template: 'session-stolen', name: 'Ada', device: 'Firefox', ip: '203.0.113.9' },
  { template: 'password-reset', name: 'Ada', url, expiresInMinutes: 30 },
  { template: 'magic-link', name: 'Ada', url, expiresInMinutes: 10 },
  { template: 'confirm-email-change', name: 'Ada', url, expiresInHours: 24 },
  { template: 'email-changed', name: 'Ada', newEmail: 'new@example.com', url, expiresInDays: 7 },
  { template: 'invitation', organization: 'Acme', invitedBy: 'Ada', url, expiresInDays: 7 },
  { template: 'invitation', organization: 'Acme', invitedBy: null, url, expiresInDays: 7 },
  ...noticedSecurityEvents.map((event) => ({
    template: 'security-notice' as const,
    event,
    name: 'Ada',
    device: 'Firefox on Windows',
    ip: '203.0.113.9',
    at: '2026-11-24T10:00:00.000Z',
    subject: 'My laptop',
  })),
  ...organizationNotice.options.map((event) => ({
    template: 'organization-notice' as const,
    event,
    name: 'Ada',
    organization: 'Acme',
    by: 'Grace',
    until: '2026-12-24T10:00:00.000Z',
  })),
];

describe.each(mails)('the email $template', (mail) => {
  it.each(locales)('has the same text in HTML and plain text in %s', (locale) => {
    const { subject, html, text } = renderMail(mail, locale);
    expect(subject).not.toBe('');
    expect(html).toContain(`lang="${locale}"`);
    const paragraphs = text.split('\n').filter((line) => line !== '' && !line.endsWith(':'));
    expect(paragraphs.length).toBeGreaterThan(1);
    for (const paragraph of paragraphs) expect(unescape(html)).toContain(paragraph);
  });
});

it('omits unknown client details from a notice', () => {
  const notice = { template: 'security-notice', event: 'password_reset', name: 'Ada', at: '2026-11-24T10:00:00.000Z' };
  const { text } = renderMail(mail.parse({ ...notice, device: null, ip: null, subject: null }), 'en');
  expect(text).toContain('\nTime: 2026-11-24 10:00 UTC\n');
  expect(text).not.toContain('null');
});

it('renders a name as text in HTML, never as markup, and unchanged in plain text', () => {
  const name = '<img src=x onerror=alert(1)> & "Co"';
  const { html, text } = renderMail({ template: 'already-registered', name }, 'en');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
  expect(text).toContain(name);
});

it('keeps the token of a link intact in both forms', () => {
  const { html, text } = renderMail(
    { template: 'verify-email', name: 'Ada', url, expiresInHours: 24, keepsPassword: true },
    'en',
  );
  expect(unescape(html)).toContain(`href="${url}"`);
  expect(text).toContain(url);
});

describe('text that users typed', () => {
  const linkifier = new LinkifyIt({ fuzzyLink: true, fuzzyIP: true }).tlds([...tlds, 'example']);
  const linksIn = (text: string) => (linkifier.match(text) ?? []).map((match) => match.url);
  const typed = [
    'evil.example',
    'evil.com',
    't.co/x',
    'M.Sc Ada',
    'www.evil.com',
    'https://evil.com/x',
    'mailto:ada@evil.com',
    'ada@evil.com',
    '//evil.com',
    '192.0.2.1',
    'зло.рф',
  ];

  it.each(typed)('never becomes a link in HTML or plain text: %s', (name) => {
    for (const each of mails) {
      const text = { organization: name, invitedBy: name, by: name, name, subject: name };
      const given = mail.parse({ ...each, ...Object.fromEntries(Object.entries(text).filter(([key]) => key in each)) });
      const { html, text: plain } = renderMail(given, 'en');
      const shown = unescape(html.replaceAll(/<[^>]*>/g, '\n'));
      const ours = [url, 'mailto:new@example.com', 'http://203.0.113.9'];
      for (const link of [...linksIn(plain), ...linksIn(shown)]) expect(ours).toContain(link);
    }
  });

  it.each(['Nordlys A/S', 'Yahoo! Inc.', 'Acme: Portal', '24/7 Service', 'Ada Lovelace, Ph. D.'])(
    'stays unchanged if it could not become a link: %s',
    (name) => expect(renderMail({ template: 'already-registered', name }, 'en').text).toContain(`Hello ${name},`),
  );
});

function unescape(html: string): string {
  return html.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
