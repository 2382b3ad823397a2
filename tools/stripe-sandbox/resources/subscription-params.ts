import { z } from 'zod';
import { emptyable, flag, metadata, natural, text, time } from '../http/params';

export const discountList = emptyable(
  z.array(z.strictObject({ coupon: text.optional(), promotion_code: text.optional(), discount: text.optional() })),
);

const automaticTax = z.strictObject({ enabled: flag }).optional();
const trialEnd = z.union([z.literal('now'), time]).optional();
const feedback = z.enum([
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
]);

export const cancellationDetails = z
  .strictObject({ comment: emptyable(text), feedback: emptyable(feedback) })
  .optional();

const pendingItemInterval = emptyable(
  z.strictObject({ interval: z.enum(['day', 'week', 'month', 'year']), interval_count: natural.optional() }),
);

export const trialSettings = z
  .strictObject({
    end_behavior: z.strictObject({ missing_payment_method: z.enum(['cancel', 'create_invoice', 'pause']) }),
  })
  .optional();

const paymentSettings = z
  .strictObject({ save_default_payment_method: z.enum(['off', 'on_subscription']).optional() })
  .optional();

const prorationBehavior = z.enum(['always_invoice', 'create_prorations', 'none']).optional();

export const billingMode = z
  .strictObject({
    type: z.enum(['classic', 'flexible']),
    flexible: z.strictObject({ proration_discounts: z.literal('included').optional() }).optional(),
  })
  .optional();

const shared = {
  automatic_tax: automaticTax,
  cancel_at_period_end: flag.optional(),
  collection_method: z.literal('charge_automatically').optional(),
  default_payment_method: text.optional(),
  discounts: discountList,
  metadata,
  off_session: flag.optional(),
  payment_settings: paymentSettings,
  pending_invoice_item_interval: pendingItemInterval,
  proration_behavior: prorationBehavior,
  trial_end: trialEnd,
  trial_settings: trialSettings,
};

const periodEnds = z.enum(['min_period_end', 'max_period_end']);

export const creation = {
  ...shared,
  billing_cycle_anchor: time.optional(),
  billing_mode: billingMode,
  cancel_at: z.union([periodEnds, time]).optional(),
  currency: text.optional(),
  customer: text,
  description: text.optional(),
  items: z.array(z.strictObject({ price: text, quantity: natural.optional(), metadata })).min(1),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
  trial_from_plan: flag.optional(),
  trial_period_days: natural.optional(),
};

export const itemChanges = z
  .array(
    z.strictObject({
      id: text.optional(),
      price: text.optional(),
      quantity: natural.optional(),
      deleted: flag.optional(),
      metadata,
    }),
  )
  .optional();

const anchorType = z.strictObject({ type: z.enum(['now', 'unchanged']) }).optional();

export const changes = {
  ...shared,
  billing_cycle_anchor: anchorType,
  cancel_at: emptyable(z.union([periodEnds, time])),
  cancellation_details: cancellationDetails,
  description: emptyable(text),
  items: itemChanges,
  pause_collection: emptyable(
    z.strictObject({ behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']), resumes_at: time.optional() }),
  ),
  payment_behavior: z
    .enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'])
    .optional(),
  proration_date: time.optional(),
};

export const resumption = { billing_cycle_anchor: anchorType, proration_behavior: prorationBehavior };

export const previewDetails = z
  .strictObject({
    billing_cycle_anchor: anchorType,
    billing_mode: billingMode,
    cancel_at_period_end: flag.optional(),
    items: itemChanges,
    proration_behavior: prorationBehavior,
    proration_date: time.optional(),
    trial_end: trialEnd,
  })
  .optional();

export type Creation = z.output<z.ZodObject<typeof creation>>;
export type Changes = z.output<z.ZodObject<typeof changes>>;
export type PreviewDetails = z.output<typeof previewDetails>;
