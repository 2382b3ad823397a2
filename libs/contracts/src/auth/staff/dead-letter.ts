import { page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { serviceNames } from '../../context';
import { defineRpc } from '../../rpc';

const service = z.enum(serviceNames).describe('The service that owns the event or job.');

/** An event or job that failed all its attempts. Staff can replay or drop it. */
export const deadLetter = z
  .strictObject({
    /** The event's id. Each service that failed to handle it has its own dead letter. */
    id: z.string(),
    service,
    name: z.string(),
    queue: z.string(),
    producer: z.string().nullable(),
    requestId: z.string().nullable(),
    /** For a confidential event, only the error id in the service's log. */
    reason: z.string(),
    attempts: z.int(),
    failedAt: z.iso.datetime(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterView = z.output<typeof deadLetter>;

/** `payload` is null if it is confidential or damaged. */
export const deadLetterDetails = deadLetter.extend({ payload: z.unknown() }).meta({ id: 'DeadLetterDetails' });
export type DeadLetterDetails = z.output<typeof deadLetterDetails>;

const whichLetter = z.strictObject({ service, id: uuid.describe('The id of the event or job.') });

/** Most recent failure first. At most the thousand newest of each queue. */
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

/** Starts again from the first attempt. Work that already succeeded is not done twice. */
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

/** Marks it as finished without running it. It is not queued again. */
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
