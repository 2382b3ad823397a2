import {
  asSecret,
  commonEnvironment,
  describeVariable,
  fieldEncryptionEnvironment,
  publicUrl,
  publicUrlMeaning,
  serviceConfig,
  url,
} from '#libs/config';
import { z } from 'zod';

/**
 * A sender in parts. In a single text, the mail library would read a colon, comma or parenthesis in the
 * name as syntax (RFC 5322 section 3.4).
 */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

const sender = describeVariable(
  z
    .string()
    .max(320)
    // Refuses encoded words (RFC 2047): the mail library would quote them, and email clients decode them.
    .regex(/^(?!.*=\?)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u)
    .regex(/^([^<>]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
    .transform((text): Sender => {
      const [, name = '', address = text] = /^(.+) <(.+)>$/.exec(text) ?? [];
      return { name: unquoted(name.trim()), address };
    }),
  { expected: 'a sender such as Acme <no-reply@acme.test>' },
);

const environment = z.object({
  ...commonEnvironment,
  ...fieldEncryptionEnvironment,
  PUBLIC_URL: publicUrl.describe(publicUrlMeaning),
  SMTP_URL: asSecret(url('smtp', 'smtps')).describe('The server that sends emails.'),
  MAIL_FROM: sender.describe('The sender of emails, such as `Acme <no-reply@acme.test>`.'),
});

/** The configuration of notification. Only this class reads its environment. */
export class NotificationConfig extends serviceConfig(environment) {
  /** Without a trailing slash. Its host is part of each email's Message-ID. */
  readonly publicUrl: string;
  readonly fieldEncryptionKey: string;
  readonly smtpUrl: string;
  readonly mailFrom: Sender;

  constructor(parsed: z.output<typeof environment>) {
    super(parsed);
    this.publicUrl = parsed.PUBLIC_URL;
    this.fieldEncryptionKey = parsed.FIELD_ENCRYPTION_KEY;
    this.smtpUrl = parsed.SMTP_URL;
    this.mailFrom = parsed.MAIL_FROM;
  }
}

/** RFC 5322 writes the name Acme, Inc. as `"Acme, Inc."`. */
function unquoted(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1') : name;
}
