import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';

/**
 * The maximum number of members that an organization's plan allows. Null means unlimited. `version`
 * increases with each change, so that events which arrive late are ignored.
 */
export const seatLimitChanged = defineEvent('organization.seat_limit_changed', {
  subscribers: ['auth'],
  payload: z.strictObject({
    organizationId: uuid,
    seatLimit: z.int().min(1).max(1_000_000).nullable(),
    version: z.int().min(1),
  }),
  confidential: false,
});
