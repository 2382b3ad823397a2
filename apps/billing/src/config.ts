import { commonEnvironment, serviceConfig } from '#libs/config';
import { z } from 'zod';

/** What billing was told at its start: the only place that knows its environment. */
export class BillingConfig extends serviceConfig(z.object(commonEnvironment)) {}
