import { z } from 'zod';
import { newId, randomText } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { emptyable, flag, metadata, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { PortalConfiguration, PortalSession } from '../wire';

const pageUrl = z.url({ protocol: /^https?$/ });

const features = z.strictObject({
  customer_update: z
    .strictObject({
      enabled: flag.optional(),
      allowed_updates: emptyable(z.array(z.enum(['address', 'email', 'name', 'phone', 'shipping', 'tax_id']))),
    })
    .optional(),
  invoice_history: z.strictObject({ enabled: flag }).optional(),
  payment_method_update: z.strictObject({ enabled: flag }).optional(),
  subscription_cancel: z.strictObject({ enabled: flag, mode: z.literal('at_period_end').optional() }).optional(),
  // Changing plans and quantities on the portal's page is beyond the sandbox.
  subscription_update: z.strictObject({ enabled: z.literal('false') }).optional(),
});

type Features = z.output<typeof features>;

const details = {
  business_profile: z.strictObject({ headline: text.optional() }).optional(),
  default_return_url: emptyable(pageUrl),
  metadata,
  name: emptyable(text),
};
const creation = { ...details, features };
const changes = { ...details, active: flag.optional(), features: features.optional() };

function featuresOf(given: Features): PortalConfiguration['features'] {
  const customer = given.customer_update;
  return {
    customer_update: { allowed_updates: customer?.allowed_updates ?? [], enabled: customer?.enabled ?? false },
    invoice_history: { enabled: given.invoice_history?.enabled ?? false },
    payment_method_update: {
      enabled: given.payment_method_update?.enabled ?? false,
      payment_method_configuration: null,
    },
    subscription_cancel: {
      cancellation_reason: { enabled: false, feedback_options: null, options: [] },
      ...{ enabled: given.subscription_cancel?.enabled ?? false, mode: 'at_period_end', proration_behavior: 'none' },
    },
    subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
    subscription_update: {
      ...{ billing_cycle_anchor: null, default_allowed_updates: [], enabled: false, proration_behavior: 'none' },
      ...{ schedule_at_period_end: { conditions: [] }, trial_update_behavior: 'end_trial' },
    },
  };
}

type Details = z.output<z.ZodObject<typeof details>>;

function addConfiguration(world: World, given: Details, wanted: Features): PortalConfiguration {
  const now = world.realClock.now();
  const configuration: PortalConfiguration = {
    ...{ id: newId('bpc'), object: 'billing_portal.configuration', active: true, application: null, created: now },
    business_profile: {
      ...{ headline: given.business_profile?.headline ?? null, privacy_policy_url: null },
      terms_of_service_url: null,
    },
    ...{ default_return_url: given.default_return_url ?? null, features: featuresOf(wanted), livemode: false },
    ...{ is_default: world.tables.portalConfigurations.size === 0, login_page: { enabled: false, url: null } },
    ...{ metadata: mergeMetadata({}, given.metadata), name: given.name ?? null, updated: now },
  };
  world.tables.portalConfigurations.add(configuration);
  world.emit('billing_portal.configuration.created', configuration);
  return configuration;
}

/** Without one of its own, an account has Stripe's default: everything that the page offers is on. */
function defaultConfiguration(world: World): PortalConfiguration {
  const found = world.tables.portalConfigurations.newestFirst().find(({ is_default: isDefault }) => isDefault);
  const on = { enabled: true };
  const all = { invoice_history: on, payment_method_update: on, subscription_cancel: on };
  return found ?? addConfiguration(world, {}, all);
}

const flow = z.strictObject({ type: z.literal('payment_method_update') }).optional();

function createSession(
  world: World,
  params: {
    readonly customer: string;
    readonly configuration?: string | undefined;
    readonly flow_data?: z.output<typeof flow>;
    readonly return_url?: string | undefined;
  },
): PortalSession {
  const customer = world.tables.customers.named(params.customer, 'customer');
  const configuration =
    params.configuration === undefined
      ? defaultConfiguration(world)
      : world.tables.portalConfigurations.named(params.configuration, 'configuration');
  const after = { hosted_confirmation: null, redirect: null, type: 'portal_homepage' as const };
  const session: PortalSession = {
    ...{ id: newId('bps'), object: 'billing_portal.session', configuration: configuration.id },
    ...{ created: world.now(customer.id), customer: customer.id, customer_account: null, livemode: false },
    ...{ locale: null, on_behalf_of: null, return_url: params.return_url ?? configuration.default_return_url },
    flow:
      params.flow_data === undefined
        ? null
        : {
            ...{ after_completion: after, customer_update: null, subscription_cancel: null },
            ...{
              subscription_pause: null,
              subscription_update: null,
              subscription_update_confirm: null,
              type: params.flow_data.type,
            },
          },
    // The address is the key to the page.
    url: `${world.origin}/portal/${randomText(32)}`,
  };
  world.tables.portalSessions.add(session);
  world.emit('billing_portal.session.created', session);
  return session;
}

const path = '/v1/billing_portal/configurations';

export const portalRoutes: readonly Route[] = [
  route('POST', path, creation, ({ world, params }) => addConfiguration(world, params, params.features)),
  route('GET', `${path}/:id`, {}, ({ world, id }) => world.tables.portalConfigurations.find(id)),
  route('POST', `${path}/:id`, changes, ({ world, params, id }) => {
    const configuration = world.tables.portalConfigurations.find(id);
    return world.change(configuration, 'billing_portal.configuration.updated', () => {
      assignGiven(configuration, {
        ...{ active: params.active, default_return_url: params.default_return_url, name: params.name },
        features: params.features === undefined ? undefined : featuresOf(params.features),
      });
      if (params.metadata !== undefined) {
        configuration.metadata = mergeMetadata(configuration.metadata, params.metadata);
      }
      configuration.updated = world.realClock.now();
    });
  }),
  listRoute(path, { active: flag.optional(), is_default: flag.optional() }, ({ world, params }) =>
    world.tables.portalConfigurations
      .newestFirst()
      .filter(({ active }) => params.active === undefined || active === params.active)
      .filter(({ is_default: isDefault }) => params.is_default === undefined || isDefault === params.is_default),
  ),
  route(
    'POST',
    '/v1/billing_portal/sessions',
    { configuration: text.optional(), customer: text, flow_data: flow, return_url: pageUrl.optional() },
    ({ world, params }) => createSession(world, params),
  ),
];
