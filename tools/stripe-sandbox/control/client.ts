import { z } from 'zod';
import type { FaultInput } from '../http/faults';
import type { RuleInput } from '../webhooks/rules';
import type { advanceSchema, checkoutSchema, endpointSchema, settingsSchema } from './controls';

const clock = z.object({ id: z.string(), status: z.string(), now: z.number() });
const delivery = z.object({
  id: z.string(),
  event: z.string(),
  type: z.string(),
  endpoint: z.string(),
  state: z.enum(['pending', 'delivered', 'failing', 'failed', 'held', 'lost']),
  attempts: z.array(z.object({ at: z.number(), result: z.union([z.number(), z.string()]) })),
});

export type SandboxDelivery = z.output<typeof delivery>;
export type SandboxClock = z.output<typeof clock>;

/** Steers a running sandbox: what a person, a bank, or the network would do. */
export class SandboxControl {
  constructor(private readonly url: string) {}

  async clocks(): Promise<SandboxClock[]> {
    return z.object({ clocks: z.array(clock) }).parse(await this.call('GET', '/clocks')).clocks;
  }

  /** Makes a test clock with this id, unless there is one. */
  async ensureClock(id: string, now: number): Promise<SandboxClock> {
    return clock.parse(await this.call('POST', '/clocks', { id, now }));
  }

  /** Moves a test clock. Resolves when all that fell due is done, and its webhooks were delivered. */
  async advance(id: string, by: z.input<typeof advanceSchema>): Promise<SandboxClock> {
    return clock.parse(await this.call('POST', `/clocks/${id}/advance`, by));
  }

  async addEndpoint(endpoint: z.input<typeof endpointSchema>): Promise<{ id: string; secret: string }> {
    return z.object({ id: z.string(), secret: z.string() }).parse(await this.call('POST', '/endpoints', endpoint));
  }

  /** A new secret for a webhook endpoint. Events are signed with the old one too, for a day. */
  async rollSecret(endpoint: string): Promise<string> {
    return z.object({ secret: z.string() }).parse(await this.call('POST', `/endpoints/${endpoint}/roll`)).secret;
  }

  /** What goes wrong with the next requests to the API. */
  async addFault(fault: FaultInput): Promise<void> {
    await this.call('POST', '/faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/faults');
  }

  /** What happens to the next webhook deliveries. */
  async addRule(rule: RuleInput): Promise<void> {
    await this.call('POST', '/rules', rule);
  }

  async clearRules(): Promise<void> {
    await this.call('DELETE', '/rules');
  }

  /** Newest first. */
  async deliveries(): Promise<SandboxDelivery[]> {
    return z.object({ deliveries: z.array(delivery) }).parse(await this.call('GET', '/deliveries')).deliveries;
  }

  /** Resolves when every webhook that can be delivered now has been answered. */
  async idle(): Promise<void> {
    await this.call('POST', '/deliveries/idle');
  }

  /** Sends what rules hold back. */
  async release(): Promise<void> {
    await this.call('POST', '/deliveries/release');
  }

  async resend(deliveryId: string): Promise<void> {
    await this.call('POST', `/deliveries/${deliveryId}/resend`);
  }

  async resendEvent(event: string): Promise<void> {
    await this.call('POST', `/events/${event}/resend`);
  }

  /** The same fact as a new event with another id. */
  async reissueEvent(event: string): Promise<string> {
    return z.object({ id: z.string() }).parse(await this.call('POST', `/events/${event}/reissue`)).id;
  }

  async set(settings: z.input<typeof settingsSchema>): Promise<void> {
    await this.call('POST', '/settings', settings);
  }

  /** The bank settles a direct debit, or refuses it. By default as the test number says. */
  async settle(paymentIntent: string, succeeds?: boolean): Promise<void> {
    await this.call('POST', `/payments/${paymentIntent}/settle`, succeeds === undefined ? {} : { succeeds });
  }

  /** The customer confirms a payment at the bank (3-D Secure), or refuses. */
  async authenticate(paymentIntent: string, agrees = true): Promise<void> {
    await this.call('POST', `/payments/${paymentIntent}/authenticate`, { agrees });
  }

  /** The customer submits the checkout page. A declined card leaves the session open, with an error. */
  async submitCheckout(
    session: string,
    form: z.input<typeof checkoutSchema> = { card: 'pm_card_visa' },
  ): Promise<{ status: string | null; error: string | null }> {
    const answer = await this.call('POST', `/checkouts/${session}/submit`, form);
    return z.object({ status: z.string().nullable(), error: z.string().nullable() }).parse(answer);
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${this.url}/_sandbox${path}`, { method, ...init });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The Stripe sandbox refused ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
}
