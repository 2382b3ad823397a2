import { AuditLog } from '#libs/audit';
import {
  dropDeadLetter,
  inspectDeadLetter,
  listDeadLetters,
  ProblemError,
  replayDeadLetter,
  required,
  serviceNames,
  type ContextOf,
  type DeadLetterDetails,
  type DeadLetterView,
  type RequestOf,
  type ResponseOf,
  type ServiceName,
  type SessionActor,
} from '#libs/contracts';
import { pageOf, placeIn } from '#libs/database';
import { DeadLetters, type PlacedLetter } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { requireStanding } from '../role/staff-standing';

const position = z.strictObject({ failedAt: z.int(), queue: z.string(), id: z.string() });

/** Dead letters of all services, which share one Redis. */
@Controller()
export class DeadLettersHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly letters: DeadLetters,
    private readonly auditLog: AuditLog,
  ) {}

  /** @throws ProblemError `validation_failed` for a cursor of another list */
  @Handles(listDeadLetters)
  async list(request: RequestOf<typeof listDeadLetters>): Promise<ResponseOf<typeof listDeadLetters>> {
    const { service, limit, cursor } = request;
    const services = service === undefined ? serviceNames : [service];
    const after = cursor === undefined ? undefined : placeIn(cursor, (place) => position.parse(JSON.parse(place)));
    return pageOf(await this.letters.page(services, limit + 1, after), limit, viewOf, placeOf);
  }

  /** @throws ProblemError `not_found` */
  @Handles(inspectDeadLetter)
  async inspect({ service, id }: RequestOf<typeof inspectDeadLetter>): Promise<DeadLetterDetails> {
    const found = required(await this.letters.inspect(service, id), 'not_found');
    return { ...viewOf(found), payload: found.payload };
  }

  /** @throws ProblemError `not_found`, `unauthenticated` */
  @Handles(replayDeadLetter)
  replay(
    { service, id }: RequestOf<typeof replayDeadLetter>,
    { actor }: ContextOf<typeof replayDeadLetter>,
  ): Promise<null> {
    return this.act(actor, 'dead_letter.replayed', { service, id }, () => this.letters.replay(service, id));
  }

  /** @throws ProblemError `not_found`, `unauthenticated` */
  @Handles(dropDeadLetter)
  drop({ service, id }: RequestOf<typeof dropDeadLetter>, { actor }: ContextOf<typeof dropDeadLetter>): Promise<null> {
    return this.act(actor, 'dead_letter.dropped', { service, id }, () => this.letters.drop(service, id));
  }

  /** Records first, so that nothing happens without an entry in the audit log. */
  private async act(
    actor: SessionActor,
    act: 'dead_letter.replayed' | 'dead_letter.dropped',
    { service, id }: { readonly service: ServiceName; readonly id: string },
    work: () => Promise<boolean>,
  ): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      await requireStanding(manager, actor, 'admin');
      const found = required(await this.letters.inspect(service, id), 'not_found');
      const before = { service, event: found.name };
      await this.auditLog.recordForPlatform(manager, act, { type: 'dead_letter', id }, { before });
      if (!(await work())) throw new ProblemError('not_found');
    });
    return null;
  }
}

function viewOf({ failedAt, producer, requestId, ...letter }: PlacedLetter): DeadLetterView {
  const { id, service, name, queue, reason, attempts } = letter;
  const origin = { producer: producer ?? null, requestId: requestId ?? null };
  return { id, service, name, queue, ...origin, reason, attempts, failedAt: failedAt.toISOString() };
}

function placeOf({ failedAt, queue, id }: PlacedLetter): string {
  return JSON.stringify({ failedAt: failedAt.getTime(), queue, id });
}
