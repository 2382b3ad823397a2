import type { MailerOptions } from '@nestjs-modules/mailer';
import type { NotificationConfig } from '../config';

/** In milliseconds. A server that hangs costs one attempt, not a worker. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 5_000 };

export function mailerOptions({ smtpUrl, mailFrom, production }: NotificationConfig): MailerOptions {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    transport: {
      host: hostname,
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      // A password must not cross a network in plain text. The development mail catcher does not support TLS.
      requireTLS: production && !secure && username !== '',
      pool: true,
      maxConnections: 5,
      ...(username === '' ? {} : { auth }),
      ...timeouts,
    },
    defaults: { from: mailFrom },
  };
}
