import { z } from 'zod';

const schemaNode = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).default([]),
  examples: z.array(z.unknown()).default([]),
  get anyOf() {
    return z.array(schemaNode).default([]);
  },
  get properties() {
    return z.record(z.string(), schemaNode).optional();
  },
  get items() {
    return schemaNode.optional();
  },
});
export type Schema = z.output<typeof schemaNode>;

const parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), schema: schemaNode });
const code = z.object({ enum: z.array(z.string()).default([]) }).prefault({});
const problem = z.object({ allOf: z.array(z.object({ properties: z.object({ code }).prefault({}) }).prefault({})) });
const contents = z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({});
const operation = z.object({
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: contents }).optional(),
  responses: z.record(z.string(), z.object({ content: contents })),
});
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export interface Operation {
  /** `METHOD /path/{name}` */
  readonly route: string;
  readonly parameters: readonly z.output<typeof parameter>[];
  /** The schema of a JSON body. */
  readonly body: Schema | undefined;
  readonly takesFile: boolean;
  /** The error codes that the document declares. */
  readonly codes: ReadonlySet<string>;
}

export async function operationsOf(api: string): Promise<Operation[]> {
  const response = await fetch(`${api}/api/v1/openapi.json`, { signal: AbortSignal.timeout(20_000) });
  const document: unknown = await response.json();
  const { paths } = description.parse(withoutReferences(document, document));
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters, requestBody, responses }]) => ({
      route: `${method.toUpperCase()} ${path}`,
      parameters,
      body: schemaNode.optional().parse(requestBody?.content['application/json']?.schema),
      takesFile: requestBody?.content['multipart/form-data'] !== undefined,
      codes: new Set(
        Object.entries(responses).flatMap(([status, { content }]) =>
          // The default response covers codes that a newer version adds.
          status === 'default' ? [] : codesOf(content['application/problem+json']?.schema),
        ),
      ),
    })),
  );
}

const anyObject = z.record(z.string(), z.unknown());

/** Returns a copy with each `$ref` replaced by its target. */
function withoutReferences(value: unknown, document: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutReferences(each, document));
  const { data: members } = anyObject.safeParse(value);
  if (members === undefined) return value;
  const { $ref: reference, ...rest } = members;
  if (typeof reference === 'string') return withoutReferences(targetOf(reference, document), document);
  return Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, withoutReferences(each, document)]));
}

function targetOf(reference: string, document: unknown): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce((node: unknown, part) => anyObject.parse(node)[part], document);
}

function codesOf(schema: unknown): string[] {
  return schema === undefined ? [] : problem.parse(schema).allOf.flatMap(({ properties }) => properties.code.enum);
}

/** Returns a plausible value for a field that the route's sample leaves out. */
export function exampleOf(schema: Schema): string | number | boolean | undefined {
  const { type, format, anyOf } = schema;
  const [choice] = [...schema.examples, ...schema.enum];
  if (typeof choice === 'string' || typeof choice === 'number') return choice;
  if (anyOf[0] !== undefined) return exampleOf(anyOf[0]);
  if (format !== undefined && Object.hasOwn(examples, format)) return examples[format];
  if (type === 'number' || type === 'integer') return 20;
  if (type === 'boolean') return true;
  return type === 'object' || type === 'array' ? undefined : 'example';
}

const examples: Readonly<Record<string, string>> = {
  uuid: '0192f0c1-2345-7abc-89de-f0123456789a',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'ada@example.com',
  uri: 'https://avatars.example.com/u/1',
};
