import { ProblemError, unknownField, type HttpContract } from '#libs/contracts';
import { z } from 'zod';
import { validInput } from '../../edge/validation.pipe';

interface SentRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Returns a function that collects a request's input as the contract says: path fields from the path, all
 * others from the query (GET) or the body. It throws ProblemError `validation_failed`.
 */
export function requestInput({ request, http }: HttpContract): (sent: SentRequest) => unknown {
  const { method, pathFields } = http;
  // A page without query fields can be opened with an unrelated query, such as `?utm_source=…`.
  if (method === 'get' && !takesQuery(request, pathFields)) return ({ params }) => validInput(request, params);
  const rest = method === 'get' ? 'query' : 'body';
  if (pathFields.length === 0) return (sent) => validInput(request, sent[rest]);
  return ({ params, [rest]: others }) => validInput(request, combined(pathFields, params, others ?? {}));
}

/** What is not an object is left to the schema, which refuses it. */
function combined(pathFields: readonly string[], params: unknown, others: unknown): unknown {
  if (typeof others !== 'object' || others === null || Array.isArray(others)) return others;
  const repeated = pathFields.filter((field) => Object.hasOwn(others, field));
  if (repeated.length > 0) throw new ProblemError('validation_failed', { errors: repeated.map(unknownField) });
  return withPath(others, params ?? {});
}

function takesQuery(request: z.ZodType, pathFields: readonly string[]): boolean {
  return request instanceof z.ZodObject && Object.keys(request.shape).length > pathFields.length;
}

/** Members such as `__proto__` must stay members, so that the schema can report them. */
function withPath(sent: object, fromPath: object): unknown {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(sent),
      ...Object.getOwnPropertyDescriptors(fromPath),
    },
  );
}
