import { ProblemError, unknownField, type HttpContract } from '#libs/contracts';
import { z } from 'zod';
import { validInput } from '../../edge/validation.pipe';

interface SentRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const fields = z.record(z.string(), z.unknown());

/**
 * Collects a request's input as its contract says: path fields from the path, all others from the query
 * (GET) or the body.
 * @throws ProblemError validation_failed
 */
export function requestInput(contract: HttpContract, request: SentRequest): unknown {
  return validInput(contract.request, sentFields(contract, request));
}

function sentFields({ request, http }: HttpContract, { params, query, body }: SentRequest): unknown {
  const fromPath = fields.parse(params ?? {});
  // A page without query fields can be opened with an unrelated query, such as `?utm_source=…`.
  if (http.method === 'get' && !takesQuery(request, http.pathFields)) return fromPath;
  const sent = (http.method === 'get' ? query : body) ?? {};
  if (http.pathFields.length === 0 || typeof sent !== 'object' || Array.isArray(sent)) return sent;
  const repeated = http.pathFields.filter((field) => Object.hasOwn(sent, field));
  if (repeated.length > 0) throw new ProblemError('validation_failed', { errors: repeated.map(unknownField) });
  return withPath(sent, fromPath);
}

function takesQuery(request: z.ZodType, pathFields: readonly string[]): boolean {
  return request instanceof z.ZodObject && Object.keys(request.shape).length > pathFields.length;
}

/** Members such as `__proto__` must stay members, so that the schema can report them. */
function withPath(sent: object, fromPath: Record<string, unknown>): unknown {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(sent),
      ...Object.getOwnPropertyDescriptors(fromPath),
    },
  );
}
