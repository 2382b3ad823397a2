import { z } from 'zod';

export type JsonObject = { [key: string]: unknown };

const convertedSchema = z.looseObject({ $defs: z.record(z.string(), z.looseObject({})).optional() });

/** Turns zod schemas into those of OpenAPI 3.1 (JSON Schema 2020-12). What has a `.meta({ id })` becomes a component, referred to. */
export class SchemaComponents {
  readonly schemas: Record<string, JsonObject> = {};

  /** As a client sends it. */
  ofRequest(schema: z.ZodType): JsonObject {
    return this.convert(schema, 'input');
  }

  /** As a client receives it. */
  ofAnswer(schema: z.ZodType): JsonObject {
    return this.convert(schema, 'output');
  }

  private convert(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const json: unknown = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
    const { $schema: _dialect, $defs = {}, ...root } = convertedSchema.parse(withComponentReferences(json));
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _id, ...component } = definition;
      this.schemas[name] = component;
    }
    const { id } = schema.meta() ?? {};
    if (id === undefined || '$ref' in root) return root;
    const { id: _id, ...component } = root;
    this.schemas[id] = component;
    return { $ref: `#/components/schemas/${id}` };
  }
}

function withComponentReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : withComponentReferences(inner),
    ]),
  );
}
