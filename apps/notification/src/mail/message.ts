import type { Mail, MailTemplate } from '#libs/contracts';
import type { Locale } from '#libs/validation';

/** The content of an email, without its layout. */
export interface Message {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly button?: { readonly label: string; readonly url: string };
  /** Small print below the button. */
  readonly note?: string;
}

/** An email's texts in every language. */
export type Messages<T extends MailTemplate> = Record<Locale, (mail: Extract<Mail, { template: T }>) => Message>;
