import { errorCatalogue, isErrorCode, ProblemError, requestContext } from '#libs/contracts';
import { z } from 'zod';

/** Maximum characters of one request or reply. Larger data belongs in object storage, with a URL in the message. */
export const longestMessage = 1_048_576;

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/**
 * The keys of one service or client share a hash tag. A Redis cluster keeps them on one node, so that one
 * command can use both.
 */
export const requestsKey = (service: string) => `rpc:{${service}}:requests`;
export const serverWakeKey = (service: string, serverId: string) => `rpc:{${service}}:wake:${serverId}`;
export const repliesKey = (clientId: string) => `rpc:{${clientId}}:replies`;
export const clientWakeKey = (clientId: string) => `rpc:{${clientId}}:wake`;

const requestEnvelope = z.strictObject({
  /** Unique among the requests of one client. */
  id: z.string().min(1).max(32),
  /** The contract's name. */
  method: z.string().min(1).max(128),
  /**
   * The list that the caller reads. The pattern stops a malformed envelope from making a replica write to
   * any other key.
   */
  replyTo: z.string().regex(new RegExp(`^rpc:\\{${uuid}\\}:replies$`)),
  /** Milliseconds since 1970 on Redis's clock. */
  deadline: z.number(),
  context: requestContext,
  input: z.unknown().optional(),
});
export type RequestEnvelope = z.output<typeof requestEnvelope>;

const problem = z.strictObject({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  retryAfterSeconds: z.number().optional(),
});

const replyEnvelope = z.strictObject({ id: z.string(), value: z.unknown().optional(), problem: problem.optional() });
export type ReplyEnvelope = z.output<typeof replyEnvelope>;

export function parseRequest(message: string): RequestEnvelope | undefined {
  return requestEnvelope.safeParse(json(message)).data;
}

export function parseReply(message: string): ReplyEnvelope | undefined {
  return replyEnvelope.safeParse(json(message)).data;
}

function json(message: string): unknown {
  if (message.length > longestMessage) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** `cause` and the stack stay in this process. */
export function problemReply(id: string, { code, message, errors, retryAfterSeconds }: ProblemError): string {
  return JSON.stringify({ id, problem: { code, detail: message, errors, retryAfterSeconds } });
}

export function problemOf({ code, detail, errors, retryAfterSeconds }: z.output<typeof problem>): ProblemError {
  // A newer replica can use error codes that this process does not know.
  if (!isErrorCode(code)) return new ProblemError('internal_error', { detail: errorCatalogue.internal_error.detail });
  return new ProblemError(code, {
    detail,
    ...(errors ? { errors } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
