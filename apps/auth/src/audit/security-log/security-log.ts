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

/** What an event was about. Emails show `subject`. Never put a secret here. */
export type SecurityEventDetails = Readonly<Record<string, string>> & { readonly subject?: string };

type Owner = Pick<User, 'id' | 'email' | 'name' | 'locale'>;

/** Records security events of an account and emails its owner about the important ones. */
@Injectable()
export class SecurityLog {
  constructor(private readonly outbox: Outbox) {}

  /** Call it in the transaction of the act. It records the client and the request of the current context. */
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

  /** Emails the owner without recording an event. */
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

/** The client of the request if it is the owner's. The owner must not learn the device or IP address of staff. */
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
