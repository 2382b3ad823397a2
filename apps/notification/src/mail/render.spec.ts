import type { Mail } from '#libs/contracts';
import { locales } from '#libs/validation';
import { renderMail } from './render';

const url = 'https://app.acme.test/verify-email#token=abc.def';
const mails: Mail[] = [
  { template: 'verify-email', name: 'Ada', url, expiresInHours: 24 },
  { template: 'already-registered', name: 'Ada' },
  { template: 'session-stolen', name: 'Ada', device: 'Firefox', ip: '203.0.113.9' },
];

describe.each(mails)('the mail $template', (mail) => {
  it.each(locales)('in %s says the same in HTML and in plain text', (locale) => {
    const { subject, html, text } = renderMail(mail, locale);
    expect(subject).not.toBe('');
    expect(html).toContain(`lang="${locale}"`);
    const paragraphs = text.split('\n').filter((line) => line !== '' && !line.endsWith(':'));
    expect(paragraphs.length).toBeGreaterThan(1);
    for (const paragraph of paragraphs) expect(unescape(html)).toContain(paragraph);
  });
});

it('a name is text in HTML, never markup, and stays as it is in plain text', () => {
  const name = '<img src=x onerror=alert(1)> & "Co"';
  const { html, text } = renderMail({ template: 'already-registered', name }, 'en');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
  expect(text).toContain(name);
});

it('a link keeps its token whole in both forms', () => {
  const { html, text } = renderMail({ template: 'verify-email', name: 'Ada', url, expiresInHours: 24 }, 'en');
  expect(unescape(html)).toContain(`href="${url}"`);
  expect(text).toContain(url);
});

function unescape(html: string): string {
  return html.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
