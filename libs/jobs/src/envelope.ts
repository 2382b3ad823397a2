import { requestContext, serviceNames, type EventContract, type RequestContext } from '#libs/contracts';
import type { Fernet } from '#libs/encryption';
import { currentContext, currentTraceparent } from '#libs/observability';
import { newId } from '#libs/database';
import { defaultLocale } from '#libs/validation';
import { z } from 'zod';
import { MalformedJobError } from './errors';

/** The data of a BullMQ job. Its name is the contract's name, and its id is the event's id. */
export const envelope = z.strictObject({
  producer: z.enum(serviceNames),
  /** JSON, or a Fernet token for confidential contracts. */
  payload: z.string(),
  context: requestContext,
});
export type Envelope = z.output<typeof envelope>;

/** Redis holds every waiting job in memory. Store larger data in a table and put its id into the payload. */
const longestPayload = 64 * 1024;

/** @throws Error if the payload does not fit the contract or is too large; the message never quotes it */
export function sealPayload<E extends EventContract>(
  fernet: Fernet,
  contract: E,
  payload: z.input<E['payload']>,
): string {
  const json = JSON.stringify(payload);
  // Parses it like the subscriber will. Sends the original, because a transformed value may not fit the
  // schema again.
  const parsed = contract.payload.safeParse(JSON.parse(json));
  if (!parsed.success)
    throw new Error(`The payload of ${contract.name} does not fit its contract: ${faultsOf(parsed.error)}.`);
  if (json.length > longestPayload) {
    throw new Error(`The payload of ${contract.name} has ${json.length} characters; ${longestPayload} are allowed.`);
  }
  return contract.confidential ? fernet.encrypt(json) : json;
}

/** @throws MalformedJobError if the decrypted payload does not fit the contract; FernetError if no key fits */
export function openPayload(fernet: Fernet, contract: EventContract, sealed: string): unknown {
  const json = contract.confidential ? fernet.decrypt(sealed) : sealed;
  const parsed = contract.payload.safeParse(parseJson(json));
  if (!parsed.success)
    throw new MalformedJobError(`Its payload does not fit ${contract.name}: ${faultsOf(parsed.error)}.`);
  return parsed.data;
}

/** Returns paths and rules but never values, which can be confidential. */
export function faultsOf(error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map(({ path, code }) => `${path.join('.') || 'the whole'} (${code})`);
  return faults.join(', ');
}

/** The request context for event handlers. Leaves out the client, because it is personal data that no handler needs. */
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
