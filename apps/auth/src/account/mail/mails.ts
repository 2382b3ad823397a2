import { mailRequested, type EventInput } from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuthConfig } from '../../config';

type Requested = EventInput<typeof mailRequested>;

/** Requests emails in the transaction of what they are about. */
@Injectable()
export class Mails {
  constructor(
    private readonly config: AuthConfig,
    private readonly outbox: Outbox,
  ) {}

  async send(
    manager: EntityManager,
    { email, locale }: { readonly email: string; readonly locale: Requested['locale'] },
    mail: Requested['mail'],
  ): Promise<void> {
    await this.outbox.add(manager, mailRequested, { to: email, locale, mail });
  }

  /** The token is in the fragment: no server or referrer sees it. */
  link(page: string, token: string): string {
    return `${this.config.publicUrl}/${page}#token=${token}`;
  }
}
