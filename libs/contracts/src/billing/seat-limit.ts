import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';

/**
 * Billing tells how many members a plan lets an organization have; null is as many as it likes. `version` counts up with each change
 * of an organization's limit: what comes late changes nothing.
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
