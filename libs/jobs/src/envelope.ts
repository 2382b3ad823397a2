import { requestContext, serviceNames, type EventContract, type RequestContext } from '#libs/contracts';
import type { Fernet } from '#libs/encryption';
import { currentContext, currentTraceparent } from '#libs/observability';
import { newId } from '#libs/database';
import { defaultLocale } from '#libs/validation';
import { z } from 'zod';
import { MalformedJobError } from './errors';

/** What a BullMQ job carries; its name is the contract's, its id the event's. */
export const envelope = z.strictObject({
  producer: z.enum(serviceNames),
  /** JSON, for confidential contracts as a Fernet token. */
  payload: z.string(),
  context: requestContext,
});
export type Envelope = z.output<typeof envelope>;

/** Redis holds every waiting job in memory: what is larger belongs into a table, and its id into the payload. */
const longestPayload = 64 * 1024;

/** @throws Error when the payload is not what the contract says, or too large; the message never quotes it */
export function sealPayload<E extends EventContract>(
  fernet: Fernet,
  contract: E,
  payload: z.input<E['payload']>,
): string {
  const json = JSON.stringify(payload);
  // As the subscriber will parse it. What was passed is sent, since a transformed value need not fit the schema again.
  const parsed = contract.payload.safeParse(JSON.parse(json));
  if (!parsed.success)
    throw new Error(`The payload of ${contract.name} does not fit its contract: ${faultsOf(parsed.error)}.`);
  if (json.length > longestPayload) {
    throw new Error(`The payload of ${contract.name} has ${json.length} characters; ${longestPayload} are allowed.`);
  }
  return contract.confidential ? fernet.encrypt(json) : json;
}

/** @throws MalformedJobError when what was decrypted is not what the contract says; FernetError when no key fits */
export function openPayload(fernet: Fernet, contract: EventContract, sealed: string): unknown {
  const json = contract.confidential ? fernet.decrypt(sealed) : sealed;
  const parsed = contract.payload.safeParse(parseJson(json));
  if (!parsed.success)
    throw new MalformedJobError(`Its payload does not fit ${contract.name}: ${faultsOf(parsed.error)}.`);
  return parsed.data;
}

/** Where and which rule, never the value, which may be confidential. */
export function faultsOf(error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map(({ path, code }) => `${path.join('.') || 'the whole'} (${code})`);
  return faults.join(', ');
}

/** What the handler of an event will know of the request that led to it: all but the client, a personal datum that no handler needs. */
export function contextToStore(): RequestContext {
  const context = currentContext() ?? freshContext();
  return { ...context, traceparent: currentTraceparent(), client: null };
}

export function freshContext(): RequestContext {
  return { requestId: newId(), traceparent: null, actor: null, locale: defaultLocale, client: null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
