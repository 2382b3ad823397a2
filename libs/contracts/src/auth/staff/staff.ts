import { z } from 'zod';

/**
 * Roles of platform staff: `support` can view and sign users out, `admin` can do everything. Only a
 * command on the server can grant them.
 */
export const staffRole = z.enum(['support', 'admin']).meta({ id: 'StaffRole' });
export type StaffRole = z.output<typeof staffRole>;

/** Platform roles of a session with a second factor. `access: 'staff'` requires one of them. */
export const platformRoles = { support: 'staff:support', admin: 'staff:admin' } as const satisfies Record<
  StaffRole,
  string
>;

/** The role of staff without a second factor. It grants nothing, but explains the refusal. */
export const staffWithoutSecondFactor = 'staff:mfa_required';
