import { errorCatalogue, type ErrorCode, type RpcContract } from '#libs/contracts';
import { problem, problemMediaType } from '../problem/problem';
import { schemaName, takesInput, takesKey } from './request';
import type { DescribedRoute } from './routes';
import type { JsonObject, SchemaComponents } from './schema-components';

/** The named problem responses of the document, collected while operations are described. */
export class ProblemResponses {
  readonly responses: Record<string, JsonObject> = {};

  constructor(private readonly components: SchemaComponents) {}

  /** Uses one named response for each set of codes that share a status. */
  refer(status: number, codes: readonly ErrorCode[]): JsonObject {
    const sorted = [...codes].sort();
    const name = sorted.map(pascalCase).join('Or');
    this.responses[name] ??= this.describe(status, sorted);
    return { $ref: `#/components/responses/${name}` };
  }

  content(codes: readonly ErrorCode[]): JsonObject {
    const schema = {
      allOf: [
        this.components.ofResponse(problem, 'Problem'),
        { type: 'object', properties: { code: { type: 'string', enum: codes } } },
      ],
    };
    return { [problemMediaType]: { schema } };
  }

  /** The errors that any route can return beyond its own: from a proxy in front, or codes of a newer version. */
  referAny(): JsonObject {
    const schema = this.components.ofResponse(problem, 'Problem');
    this.responses['AnyProblem'] ??= {
      description: 'Any other error. Check its `code`.',
      headers: references,
      content: { [problemMediaType]: { schema } },
    };
    return { $ref: '#/components/responses/AnyProblem' };
  }

  private describe(status: number, codes: readonly ErrorCode[]): JsonObject {
    const description = codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('. ');
    const headers = {
      ...references,
      ...(saysWhen(status, codes) ? referTo('Retry-After') : {}),
      ...(status === 401 ? referTo('WWW-Authenticate') : {}),
    };
    return { description, headers, content: this.content(codes) };
  }
}

export function responsesOf(
  route: DescribedRoute,
  components: SchemaComponents,
  problems: ProblemResponses,
): JsonObject {
  const { status, response, contract, otherResponses = {}, mediaType, id } = route.operation;
  const schema = response ?? contract?.response;
  const responses: Record<string, JsonObject> = {};
  const codesByStatus = problemsOf(route, components);
  for (const [problemStatus, codes] of codesByStatus) responses[problemStatus] = problems.refer(problemStatus, codes);
  for (const [also, alsoSchema] of Object.entries(otherResponses)) {
    const codes = codesByStatus.get(Number(also));
    const json = contentOf(components.ofResponse(alsoSchema, `${schemaName(id)}Response`));
    const content = { ...json, ...(codes === undefined ? {} : problems.content(codes)) };
    responses[also] = { description: 'The service is not available.', headers: references, content };
  }
  const name = `${schemaName(contract?.name ?? id)}Response`;
  const content =
    status === 204 || schema === undefined
      ? {}
      : { content: mediaType === undefined ? contentOf(components.ofResponse(schema, name)) : textOf(mediaType) };
  responses[status] = { description: descriptions[status] ?? 'OK.', headers: headersOf(route), ...content };
  responses['default'] = problems.referAny();
  return responses;
}

function saysWhen(status: number, codes: readonly ErrorCode[]): boolean {
  return status === 429 || status === 503 || codes.includes('idempotency_in_progress');
}

const descriptions: Readonly<Record<number, string>> = {
  200: 'OK.',
  201: 'Created.',
  202: 'Accepted.',
  204: 'Done. There is no body.',
  302: 'The browser is sent to `Location`.',
  303: 'The browser is sent to `Location`.',
};

export const headers = {
  'X-Request-Id': { description: 'The id of the request in every log.', schema: { type: 'string' } },
  'RateLimit-Policy': {
    description: 'The rate limits that apply (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string' },
  },
  RateLimit: { description: 'What is left, and the seconds until it resets.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before you retry.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'The scheme to authenticate with.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` when this is the stored response of an earlier request with the same idempotency key.',
    schema: { type: 'string', enum: ['true'] },
  },
  Location: { description: 'Where the browser goes next.', schema: { type: 'string', format: 'uri-reference' } },
  'Set-Cookie': { description: 'The session cookies, in cookie mode.', schema: { type: 'string' } },
  'Content-Disposition': { description: 'The file name of a download.', schema: { type: 'string' } },
} as const;

const referTo = (name: keyof typeof headers) => ({ [name]: { $ref: `#/components/headers/${name}` } });
const references = { ...referTo('X-Request-Id'), ...referTo('RateLimit-Policy'), ...referTo('RateLimit') };

function headersOf(route: DescribedRoute): JsonObject {
  const { status, startsSession, download } = route.operation;
  return {
    ...references,
    ...(takesKey(route) ? referTo('Idempotency-Replayed') : {}),
    ...(startsSession === true ? referTo('Set-Cookie') : {}),
    ...(download === true ? referTo('Content-Disposition') : {}),
    ...(status >= 300 ? referTo('Location') : {}),
  };
}

const always: readonly ErrorCode[] = ['malformed_request', 'rate_limited', 'internal_error', 'service_unavailable'];
/** The server reads the body of every request except GET, even if the route takes none. */
const ofBodies: readonly ErrorCode[] = ['malformed_json', 'payload_too_large', 'unsupported_media_type'];
const repeatable: readonly ErrorCode[] = ['idempotency_in_progress', 'idempotency_key_reused', 'validation_failed'];

function problemsOf(route: DescribedRoute, components: SchemaComponents): Map<number, ErrorCode[]> {
  const { operation, access, method } = route;
  const codes = new Set<ErrorCode>([
    ...always,
    ...(method === 'get' ? [] : ofBodies),
    ...(takesInput(route, components) ? (['validation_failed'] as const) : []),
    ...(takesKey(route) ? repeatable : []),
    ...(access === 'authenticated' ? (['unauthenticated', 'insufficient_scope'] as const) : []),
    ...((access === 'authenticated' && method !== 'get') || operation.startsSession === true
      ? (['csrf_failed'] as const)
      : []),
    ...accessProblemsOf(operation.contract),
    ...(operation.contract?.errors ?? []),
    ...(operation.errors ?? []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function accessProblemsOf(contract: RpcContract | undefined): readonly ErrorCode[] {
  if (contract === undefined || contract.access === 'public') return [];
  if (contract.access === 'staff') return ['permission_denied', 'staff_mfa_required'];
  const always: ErrorCode[] = contract.access === 'recent' ? ['reauthentication_required'] : [];
  return contract.effect === 'read' ? always : [...always, 'impersonation_read_only'];
}

function contentOf(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } };
}

function textOf(mediaTypes: string | readonly string[]): JsonObject {
  return Object.fromEntries(
    [mediaTypes]
      .flat()
      .map((mediaType) => [
        mediaType,
        mediaType.startsWith('text/') || mediaType.endsWith('jsonl') ? { schema: { type: 'string' } } : {},
      ]),
  );
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
