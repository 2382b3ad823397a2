import {
  mailRequested,
  noticedSecurityEvents,
  type Client,
  type NoticedSecurityEvent,
  type SecurityEventType,
} from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { currentContext } from '#libs/observability';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { User } from '../../account/user/users.table';
import { deviceOf } from './device';
import { insertSecurityEvent } from './security-events.table';

/** What an event was about; `subject` is what the mail names. Never a secret. */
export type SecurityEventDetails = Readonly<Record<string, string>> & { readonly subject?: string };

type Owner = Pick<User, 'id' | 'email' | 'name' | 'locale'>;

/** Writes down what happens to an account's security, and tells its owner of what matters. */
@Injectable()
export class SecurityLog {
  constructor(private readonly outbox: Outbox) {}

  /** In the transaction of the act itself, with the client and the request that caused it. */
  async record(
    manager: EntityManager,
    owner: Owner,
    type: SecurityEventType,
    details: SecurityEventDetails = {},
  ): Promise<void> {
    const { requestId = '' } = currentContext() ?? {};
    const client = clientOf(owner);
    await insertSecurityEvent(manager, {
      userId: owner.id,
      type,
      ip: client?.ip ?? null,
      userAgent: client?.userAgent ?? null,
      requestId,
      details,
    });
    if (isNoticed(type)) await this.notify(manager, owner, type, details.subject);
  }

  /** Tells the owner, and writes nothing down. */
  async notify(manager: EntityManager, owner: Owner, event: NoticedSecurityEvent, subject?: string): Promise<void> {
    const client = clientOf(owner);
    await this.outbox.add(manager, mailRequested, {
      to: owner.email,
      locale: owner.locale,
      mail: {
        template: 'security-notice',
        event,
        name: owner.name,
        device: deviceOf(client?.userAgent ?? null),
        ip: client?.ip ?? null,
        at: new Date().toISOString(),
        subject: subject ?? null,
      },
    });
  }
}

/** The client of the request, if it is the owner's: of staff who did something, the owner learns neither device nor address. */
function clientOf({ id }: Owner): Client | null {
  const { client = null, actor = null } = currentContext() ?? {};
  if (actor === null) return client;
  const isOwner = actor.userId === id && (actor.kind === 'api_key' || actor.impersonatorId === undefined);
  return isOwner ? client : null;
}

const noticed: ReadonlySet<string> = new Set(noticedSecurityEvents);

function isNoticed(type: SecurityEventType): type is NoticedSecurityEvent {
  return noticed.has(type);
}
