import type { Mail, MailTemplate } from '#libs/contracts';
import type { Locale } from '#libs/validation';

/** What a mail says, apart from how it looks. */
export interface Message {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly button?: { readonly label: string; readonly url: string };
  /** Small print under the button. */
  readonly note?: string;
}

/** A mail's text in every language that we write. */
export type Messages<T extends MailTemplate> = Record<Locale, (mail: Extract<Mail, { template: T }>) => Message>;
