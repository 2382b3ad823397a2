import { mailRequested } from '#libs/contracts';
import { newId } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { createApplication } from '#libs/service';
import { cleanupOnce, eventually, testDatabase, testRedis } from '#libs/testing';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MailCatcher } from '../../test/mail-catcher';
import { NotificationConfig } from '../config';
import { migrations } from '../database';
import { notification } from '../notification.module';
import { MailRecord } from './mails.table';
import { MailService } from './mail.service';

Logger.overrideLogger(false);

let catcher: MailCatcher;
let dataSource: DataSource;
let outbox: Outbox;
let service: MailService;

beforeAll(async () => {
  const [redis, database] = await Promise.all([testRedis(), testDatabase('notification', migrations)]);
  catcher = await MailCatcher.create();
  const config = NotificationConfig.of({
    NODE_ENV: 'test',
    DATABASE_URL: database.serviceUrl,
    REDIS_URL: redis.url,
    PUBLIC_URL: 'https://app.acme.test',
    FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
    SMTP_URL: catcher.smtpUrl,
    MAIL_FROM: 'Acme <no-reply@acme.test>',
  });
  const application = await createApplication(
    { name: 'notification', environment: NotificationConfig },
    { config, modules: notification(config), options: { logger: false } },
  );
  cleanupOnce(() => application.close());
  await application.init();
  dataSource = application.get(DataSource);
  outbox = application.get(Outbox, { strict: false });
  service = application.get(MailService, { strict: false });
});

const url = `https://app.acme.test/verify-email#token=${'t'.repeat(60)}`;

async function request(to = `${newId()}@example.com`): Promise<string> {
  const mail = { template: 'verify-email' as const, name: 'Ada', url, expiresInHours: 24, keepsPassword: true };
  await dataSource.transaction((manager) => outbox.add(manager, mailRequested, { to, locale: 'en', mail }));
  return to;
}

const recordOf = (recipient: string) => dataSource.manager.findOneBy(MailRecord, { recipient });

it('stores an email that cannot be sent, and sends it once when the server is back', async () => {
  const to = await request();
  const waiting = await eventually(async () => {
    const record = await recordOf(to);
    return record !== null && record.lastError !== null && record;
  });
  expect(waiting).toMatchObject({ status: 'queued', lastError: 'ESOCKET' });
  expect(waiting.content).not.toContain('token');

  await catcher.start();
  const sent = await eventually(async () => (await recordOf(to))?.status === 'sent' && recordOf(to), {
    timeoutMs: 60_000,
  });
  expect(sent).toMatchObject({ content: null, lastError: null });
  expect(sent.attempts).toBeGreaterThan(1);

  // The job arrives again, as after a crash before the acknowledgement. Nothing is left to send.
  await service.send(sent.id);
  const mails = (await catcher.mails()).filter((mail) => mail.to.some(({ address }) => address === to));
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatchObject({ subject: 'Confirm your email address' });
  expect(mails[0]?.headers).toMatchObject({
    'auto-submitted': 'auto-generated',
    'message-id': `<${sent.id}@app.acme.test>`,
  });
  expect(mails[0]?.text).toContain(url);
  expect(mails[0]?.html).toContain(url.replace('=', '&#x3D;'));
});

it.each([
  '=?utf-8?Q?Pay_at_http=3A=2F=2Fevil=2Eexample?=',
  'Zoë =?utf-8?B?UGF5IGF0IGh0dHA6Ly9ldmlsLmV4YW1wbGU=?= & Søn',
  `=?iso-8859-1?q?${'=E4'.repeat(25)}?=`,
])('shows an organization called %s literally in the subject', async (organization) => {
  await catcher.start();
  const to = `${newId()}@example.com`;
  const mail = { template: 'invitation' as const, organization, invitedBy: 'Ada', url, expiresInDays: 7 };
  await dataSource.transaction((manager) => outbox.add(manager, mailRequested, { to, locale: 'en', mail }));
  const sent = await eventually(
    async () => (await catcher.mails()).find((received) => received.to.some(({ address }) => address === to)),
    { timeoutMs: 60_000 },
  );
  expect(sent.subject).toBe(`You're invited to ${organization}`);
});

it('ignores an unknown email', async () => {
  await expect(service.send(newId())).resolves.toBeUndefined();
});
