import { z } from 'zod';

/** What a person of the platform's staff may do: `support` looks and signs out, `admin` everything. Given by a command on the server, and nowhere else. */
export const staffRole = z.enum(['support', 'admin']).meta({ id: 'StaffRole' });
export type StaffRole = z.output<typeof staffRole>;

/** The platform roles of a session that was signed in with a second factor, by which `access: 'staff'` lets in. */
export const platformRoles = { support: 'staff:support', admin: 'staff:admin' } as const satisfies Record<
  StaffRole,
  string
>;

/** Of staff without a second factor: it opens nothing, and tells why. */
export const staffWithoutSecondFactor = 'staff:mfa_required';
