import {
  commonEnvironment,
  describeVariable,
  fieldEncryptionEnvironment,
  parseEnvironment,
  publicUrl,
  readEnvironment,
  ServiceConfig,
  url,
  type Environment,
} from '#libs/config';
import { z } from 'zod';

const environment = z.object({
  ...commonEnvironment,
  ...fieldEncryptionEnvironment,
  PUBLIC_URL: publicUrl,
  SMTP_URL: url('smtp', 'smtps'),
  MAIL_FROM: describeVariable(z.string().regex(/^([^<>\r\n]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/), {
    expected: 'a sender such as Acme <no-reply@acme.test>',
  }),
});

/** What notification was told at its start: the only place that knows its environment. */
export class NotificationConfig extends ServiceConfig {
  /** Without a trailing slash. Its host stands in each mail's Message-ID. */
  readonly publicUrl: string;
  readonly fieldEncryptionKey: string;
  readonly smtpUrl: string;
  readonly mailFrom: string;

  private constructor(parsed: z.output<typeof environment>) {
    super(parsed);
    this.publicUrl = parsed.PUBLIC_URL;
    this.fieldEncryptionKey = parsed.FIELD_ENCRYPTION_KEY;
    this.smtpUrl = parsed.SMTP_URL;
    this.mailFrom = parsed.MAIL_FROM;
  }

  /** Ends the process with one line per bad variable. */
  static read(): NotificationConfig {
    return new NotificationConfig(readEnvironment(environment));
  }

  /** @throws ConfigurationError */
  static of(variables: Environment): NotificationConfig {
    return new NotificationConfig(parseEnvironment(environment, variables));
  }
}
