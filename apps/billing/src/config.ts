import { commonEnvironment, serviceConfig } from '#libs/config';
import { z } from 'zod';

/** The configuration of billing. Only this class reads its environment. */
export class BillingConfig extends serviceConfig(z.object(commonEnvironment)) {}
