import { uuid } from '#libs/validation';
import { z } from 'zod';

/** The organization that a path names: `:id`, before whatever else the path names in it. */
export const organizationPath = z.strictObject({ id: uuid });
export type OrganizationPath = z.output<typeof organizationPath>;
