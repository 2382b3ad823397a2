import { z } from 'zod';
import { flag, metadata, natural, text, time } from '../http/params';
import { discountList, trialSettings } from './subscription-params';

const pageUrl = z.url({ protocol: /^https?$/ });
const auto = z.enum(['auto', 'never']).optional();

export const creation = {
  adaptive_pricing: z.strictObject({ enabled: flag }).optional(),
  allow_promotion_codes: flag.optional(),
  automatic_tax: z.strictObject({ enabled: flag }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  cancel_url: pageUrl.optional(),
  client_reference_id: z.string().max(200).optional(),
  customer: text,
  customer_update: z.strictObject({ address: auto, name: auto }).optional(),
  discounts: discountList,
  expires_at: time.optional(),
  line_items: z.array(z.strictObject({ price: text, quantity: natural.optional() })).min(1),
  metadata,
  mode: z.literal('subscription'),
  payment_method_collection: z.enum(['always', 'if_required']).optional(),
  subscription_data: z
    .strictObject({
      description: text.optional(),
      metadata,
      trial_end: time.optional(),
      trial_period_days: natural.optional(),
      trial_settings: trialSettings,
    })
    .optional(),
  success_url: pageUrl,
  tax_id_collection: z.strictObject({ enabled: flag }).optional(),
  ui_mode: z.literal('hosted_page').optional(),
};

export type CheckoutParams = z.output<z.ZodObject<typeof creation>>;
