import type { ServiceModules } from '#libs/service';
import { entities } from './database';

export const billing: ServiceModules = { entities };
