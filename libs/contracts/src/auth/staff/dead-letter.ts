import { page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { serviceNames } from '../../context';
import { defineRpc } from '../../rpc';

const service = z.enum(serviceNames).describe('The service that owns the event or job.');

/** An event or job that failed for good, and waits for somebody to mend what is wrong. */
export const deadLetter = z
  .strictObject({
    /** Of the event: each service that it failed in has one of its own. */
    id: z.string(),
    service,
    name: z.string(),
    queue: z.string(),
    producer: z.string().nullable(),
    requestId: z.string().nullable(),
    /** Of a confidential one an error id of the service's log. */
    reason: z.string(),
    attempts: z.int(),
    failedAt: z.iso.datetime(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterView = z.output<typeof deadLetter>;

/** `payload` is null where it is confidential, or damaged. */
export const deadLetterDetails = deadLetter.extend({ payload: z.unknown() }).meta({ id: 'DeadLetterDetails' });
export type DeadLetterDetails = z.output<typeof deadLetterDetails>;

const whichLetter = z.strictObject({ service, id: uuid.describe('The id of the event or job.') });

/** Those that failed last first; of each queue the thousand newest. */
export const listDeadLetters = defineRpc('auth', 'listDeadLetters', {
  http: {
    id: 'admin.deadLetters.list',
    get: '/admin/dead-letters',
    summary: 'List dead letters',
    description: 'Returns events and jobs that failed for good, most recent failure first.',
  },
  access: 'staff',
  effect: 'read',
  request: pageRequest.extend({ service: service.exactOptional() }),
  response: page(deadLetter),
});

export const inspectDeadLetter = defineRpc('auth', 'inspectDeadLetter', {
  http: {
    id: 'admin.deadLetters.get',
    get: '/admin/dead-letters/:service/:id',
    summary: 'Get a dead letter',
    description: 'Includes the payload unless it is confidential.',
  },
  access: 'staff',
  effect: 'read',
  request: whichLetter,
  response: deadLetterDetails,
  errors: ['not_found'],
});

/** All its attempts again; what was done already is not done twice. */
export const replayDeadLetter = defineRpc('auth', 'replayDeadLetter', {
  http: {
    id: 'admin.deadLetters.replay',
    post: '/admin/dead-letters/:service/:id/replay',
    limits: ['sensitive'],
    summary: 'Replay a dead letter',
    description: 'Starts again from the first attempt. Work that already succeeded is not done twice.',
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichLetter,
  response: z.null(),
  errors: ['not_found'],
});

/** Finished without effect, and not added again. */
export const dropDeadLetter = defineRpc('auth', 'dropDeadLetter', {
  http: {
    id: 'admin.deadLetters.drop',
    delete: '/admin/dead-letters/:service/:id',
    limits: ['sensitive'],
    summary: 'Drop a dead letter',
    description: 'Finishes the event or job without running it.',
  },
  access: 'staff',
  staffRole: 'admin',
  request: whichLetter,
  response: z.null(),
  errors: ['not_found'],
});
