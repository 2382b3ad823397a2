import {
  commonEnvironment,
  describeVariable,
  fieldEncryptionEnvironment,
  publicUrl,
  serviceConfig,
  url,
} from '#libs/config';
import { z } from 'zod';

/** A sender in parts: as one text, a colon, comma or parenthesis in the name would be syntax to the mail library (RFC 5322 section 3.4). */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

const sender = describeVariable(
  z
    .string()
    .max(320)
    // No encoded word (RFC 2047): the mail library would quote it, and email clients decode it.
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
  PUBLIC_URL: publicUrl,
  SMTP_URL: url('smtp', 'smtps'),
  MAIL_FROM: sender,
});

/** What notification was told at its start: the only place that knows its environment. */
export class NotificationConfig extends serviceConfig(environment) {
  /** Without a trailing slash. Its host stands in each mail's Message-ID. */
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

/** `"Acme, Inc."` is how RFC 5322 writes the name Acme, Inc. */
function unquoted(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1') : name;
}
