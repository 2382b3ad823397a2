import { page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { serviceNames } from '../context';
import { defineRpc } from '../rpc';

const service = z.enum(serviceNames);

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

const whichLetter = z.strictObject({ service, id: uuid });

/** Those that failed last first; of each queue the thousand newest. */
export const listDeadLetters = defineRpc('auth', 'listDeadLetters', {
  access: 'staff',
  effect: 'read',
  request: pageRequest.extend({ service: service.exactOptional() }),
  response: page(deadLetter),
});

export const inspectDeadLetter = defineRpc('auth', 'inspectDeadLetter', {
  access: 'staff',
  effect: 'read',
  request: whichLetter,
  response: deadLetterDetails,
  errors: ['not_found'],
});

/** All its attempts again; what was done already is not done twice. */
export const replayDeadLetter = defineRpc('auth', 'replayDeadLetter', {
  access: 'staff',
  staffRole: 'admin',
  request: whichLetter,
  response: z.null(),
  errors: ['not_found'],
});

/** Finished without effect, and not added again. */
export const dropDeadLetter = defineRpc('auth', 'dropDeadLetter', {
  access: 'staff',
  staffRole: 'admin',
  request: whichLetter,
  response: z.null(),
  errors: ['not_found'],
});
