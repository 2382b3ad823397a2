import { z } from 'zod';

/** The organisation that a path names: `:id`, before whatever else the path names in it. */
export const organizationPath = z.strictObject({ id: z.uuid() });
export type OrganizationPath = z.output<typeof organizationPath>;
