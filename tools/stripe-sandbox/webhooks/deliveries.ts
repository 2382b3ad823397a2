import { newId } from '../core/ids';
import type { World } from '../core/world';
import type { StripeEvent, WebhookEndpoint } from '../wire';
import { Rules, type Rule } from './rules';
import { signatureHeader } from './signature';

export interface Attempt {
  readonly at: number;
  /** The status of the endpoint's answer, or what went wrong without one. */
  readonly result: number | string;
}

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  state: 'pending' | 'delivered' | 'failing' | 'failed' | 'held' | 'lost';
  readonly attempts: Attempt[];
}

const [minute, hour] = [60, 3_600];
/** Seconds from one attempt to the next: Stripe tries for three days. */
const pauses = [
  minute,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  10 * hour,
  10 * hour,
  10 * hour,
  10 * hour,
  14 * hour,
];
const answerWithinMs = 10_000;
const keptDeliveries = 5_000;
const mostAtOnce = 16;

/** Sends events to webhook endpoints: signed, at least once, and again for three days. */
export class Deliveries {
  readonly rules = new Rules();
  private readonly all = new Map<string, Delivery>();
  private readonly reordered: Delivery[] = [];
  private readonly waiting: Delivery[] = [];
  private running = 0;
  private idleListeners: (() => void)[] = [];
  private stopped = false;

  constructor(private readonly world: World) {
    world.events.deliverBy((event) => this.dispatch(event));
  }

  list(): Delivery[] {
    return [...this.all.values()].reverse();
  }

  /** @returns whether there is such a delivery */
  resend(id: string): boolean {
    const delivery = this.all.get(id);
    if (delivery !== undefined) this.enqueue(delivery);
    return delivery !== undefined;
  }

  resendEvent(event: string): number {
    const found = [...this.all.values()].filter((delivery) => delivery.event === event);
    for (const delivery of found) this.enqueue(delivery);
    return found.length;
  }

  /** Sends what is held, and what waits to be sent in another order. */
  release(): void {
    const held = [...this.all.values()].filter(({ state }) => state === 'held');
    for (const delivery of [...held, ...this.reordered.splice(0).reverse()]) this.enqueue(delivery);
  }

  /** Resolves when every delivery that can be sent now has been answered. */
  idle(): Promise<void> {
    if (this.running === 0 && this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleListeners.push(resolve));
  }

  retry(id: string): void {
    const delivery = this.all.get(id);
    if (delivery?.state === 'failing') this.enqueue(delivery);
  }

  stop(): void {
    this.stopped = true;
    this.waiting.length = 0;
  }

  private dispatch(event: StripeEvent): number {
    const endpoints = this.world.tables.webhookEndpoints
      .newestFirst()
      .filter(({ status, enabled_events: wanted }) => status === 'enabled' && isWanted(wanted, event.type));
    for (const endpoint of endpoints) this.begin(event, endpoint);
    return endpoints.length;
  }

  private begin(event: StripeEvent, endpoint: WebhookEndpoint): void {
    const ids = { id: newId('whd'), event: event.id, type: event.type, endpoint: endpoint.id };
    const delivery: Delivery = { ...ids, state: 'pending', attempts: [] };
    this.all.set(delivery.id, delivery);
    if (this.all.size > keptDeliveries) this.forgetOldest();
    const taken = this.rules.take(event.type);
    if (taken === undefined) this.enqueue(delivery);
    else this.follow(taken.rule, taken.isLast, delivery);
  }

  private follow({ kind, ms }: Rule, isLast: boolean, delivery: Delivery): void {
    if (kind === 'lose') delivery.state = 'lost';
    else if (kind === 'hold') delivery.state = 'held';
    else if (kind === 'delay') setTimeout(() => this.enqueue(delivery), ms).unref();
    else if (kind === 'reorder') {
      this.reordered.push(delivery);
      if (isLast) for (const each of this.reordered.splice(0).reverse()) this.enqueue(each);
    } else {
      this.enqueue(delivery);
      if (kind === 'duplicate') this.enqueue(delivery);
      // After the event itself is stored.
      else queueMicrotask(() => this.world.events.reissue(delivery.event));
    }
  }

  private forgetOldest(): void {
    for (const [id, { state }] of this.all) {
      if (state === 'pending' || state === 'failing' || state === 'held') continue;
      this.all.delete(id);
      return;
    }
  }

  private enqueue(delivery: Delivery): void {
    if (this.stopped) return;
    if (delivery.state !== 'delivered') delivery.state = 'pending';
    this.waiting.push(delivery);
    // Not within the request that caused the event: its answer goes first.
    setImmediate(() => this.pump());
  }

  private pump(): void {
    while (this.running < mostAtOnce) {
      const delivery = this.waiting.shift();
      if (delivery === undefined) break;
      this.running += 1;
      void this.attempt(delivery).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
    if (this.running > 0 || this.waiting.length > 0) return;
    for (const listener of this.idleListeners.splice(0)) listener();
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const endpoint = this.world.tables.webhookEndpoints.get(delivery.endpoint);
    const event = this.world.events.get(delivery.event);
    if (endpoint === undefined || event === undefined) return void (delivery.state = 'failed');
    const result = await this.post(endpoint, JSON.stringify(event, undefined, 2));
    delivery.attempts.push({ at: Date.now(), result });
    if (typeof result === 'number' && result >= 200 && result < 300) return this.succeed(delivery);
    if (delivery.state !== 'delivered') this.planRetry(delivery, event);
  }

  private succeed(delivery: Delivery): void {
    if (delivery.state !== 'delivered') this.world.events.delivered(delivery.event);
    delivery.state = 'delivered';
  }

  /** Due on the clock of the event's customer or in real time, whichever comes first. */
  private planRetry(delivery: Delivery, event: StripeEvent): void {
    const pause = pauses[delivery.attempts.length - 1];
    delivery.state = pause === undefined ? 'failed' : 'failing';
    if (pause === undefined) return;
    const { realClock } = this.world;
    const clock = this.world.clockForEvent(event.data.object);
    for (const each of [realClock, clock]) each.agenda.set('webhook.retry', delivery.id, each.now() + pause);
  }

  private async post(endpoint: WebhookEndpoint, payload: string): Promise<number | string> {
    const seconds = this.world.realClock.now();
    const kept = this.world.internal.endpointSecrets.get(endpoint.id)?.secrets ?? [];
    const valid = kept.filter(({ until }) => until === null || until > seconds).map(({ secret }) => secret);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureHeader(payload, valid, seconds),
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks) sandbox',
    };
    const signal = AbortSignal.timeout(answerWithinMs);
    try {
      const answer = await fetch(endpoint.url, { method: 'POST', headers, body: payload, redirect: 'manual', signal });
      await answer.arrayBuffer();
      return answer.status;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function isWanted(wanted: readonly string[], type: string): boolean {
  return wanted.includes('*') || wanted.includes(type);
}
