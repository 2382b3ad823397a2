import { ConfigurationError } from '#libs/config';
import { createTransport } from 'nodemailer';
import { NotificationConfig } from './config';

const variables = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://127.0.0.1/groundwork_notification',
  REDIS_URL: 'redis://127.0.0.1:6379',
  PUBLIC_URL: 'https://app.acme.test',
  FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
  SMTP_URL: 'smtp://127.0.0.1:25',
};
const configFor = (MAIL_FROM: string) => NotificationConfig.of({ ...variables, MAIL_FROM });

async function fromHeader(MAIL_FROM: string): Promise<string | undefined> {
  const transport = createTransport({ streamTransport: true, buffer: true });
  const { mailFrom } = configFor(MAIL_FROM);
  const { message } = await transport.sendMail({ from: mailFrom, to: 'ada@example.com', text: '' });
  return /^From: (.*)$/m.exec(message.toString())?.[1]?.trim();
}

it.each([
  ['Acme <no-reply@acme.test>', 'Acme <no-reply@acme.test>'],
  ['Acme: Portal <no-reply@acme.test>', '"Acme: Portal" <no-reply@acme.test>'],
  ['Acme, Inc. <no-reply@acme.test>', '"Acme, Inc." <no-reply@acme.test>'],
  ['Acme (Portal) <no-reply@acme.test>', '"Acme (Portal)" <no-reply@acme.test>'],
  ['Acme; Portal <no-reply@acme.test>', '"Acme; Portal" <no-reply@acme.test>'],
  ['"Acme, Inc." <no-reply@acme.test>', '"Acme, Inc." <no-reply@acme.test>'],
  ['"The \\"best\\"" <no-reply@acme.test>', '"The \\"best\\"" <no-reply@acme.test>'],
  ['no-reply@acme.test', 'no-reply@acme.test'],
])('sends from one sender with its full name for any MAIL_FROM: %s', async (text, header) => {
  expect(await fromHeader(text)).toBe(header);
});

it.each([
  'Acme',
  'Acme <a@b> x',
  'Acme\r\nBcc: eve@example.com <a@b>',
  'A\0 <a@b>',
  'A\u2028 <a@b>',
  'a@b@c',
  '=?utf-8?q?Acme?= <a@b>',
])('refuses a MAIL_FROM that is not a sender: %j', (text) => {
  expect(() => configFor(text)).toThrow(ConfigurationError);
});
