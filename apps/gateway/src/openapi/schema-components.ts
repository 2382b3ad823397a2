import { z } from 'zod';

export type JsonObject = { [key: string]: unknown };

const convertedSchema = z.looseObject({ $defs: z.record(z.string(), z.looseObject({})).optional() });
const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
});

/** One field of a request. */
export interface SchemaField {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/**
 * Converts Zod schemas to OpenAPI 3.1 (JSON Schema 2020-12). A schema with `.meta({ id })` becomes a named
 * component.
 */
export class SchemaComponents {
  readonly schemas: Record<string, JsonObject> = {};

  /**
   * The schema that clients receive, named by its own id or by `name`. Clients must ignore unknown fields,
   * so that new ones can be added.
   */
  ofResponse(schema: z.ZodType, name: string): JsonObject {
    return this.named(this.convert(schema, 'output'), schema.meta()?.id ?? name);
  }

  /** The schema that clients send, without the fields in `elsewhere`. Undefined if none is left. */
  ofBody(schema: z.ZodType, name: string, elsewhere: readonly string[] = []): JsonObject | undefined {
    const { id: _id, ...json } = this.convert(schema, 'input');
    const { data: object } = objectSchema.safeParse(json);
    if (object === undefined) return this.named(json, name);
    const properties = Object.fromEntries(
      Object.entries(object.properties).filter(([field]) => !elsewhere.includes(field)),
    );
    if (Object.keys(properties).length === 0) return undefined;
    const required = object.required.filter((field) => !elsewhere.includes(field));
    return this.named({ ...json, properties, required }, schema.meta()?.id ?? name);
  }

  /** The fields of a request that are sent in the path or query. */
  fieldsOf(schema: z.ZodType): SchemaField[] {
    const { data: object } = objectSchema.safeParse(this.convert(schema, 'input'));
    return Object.entries(object?.properties ?? {}).map(([name, field]) => ({
      name,
      required: object?.required.includes(name) === true,
      schema: z.record(z.string(), z.unknown()).parse(field),
    }));
  }

  private convert(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const json: unknown = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        simplify(jsonSchema, io);
        Object.assign(jsonSchema, discriminatorOf(zodSchema));
      },
    });
    const { $schema: _dialect, $defs = {}, ...root } = convertedSchema.parse(withComponentReferences(json));
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _id, ...component } = definition;
      this.add(name, component);
    }
    return root;
  }

  private named(json: JsonObject, name: string): JsonObject {
    if ('$ref' in json) return json;
    const { id: _id, ...component } = json;
    this.add(name, component);
    return { $ref: `#/components/schemas/${name}` };
  }

  private add(name: string, component: JsonObject): void {
    const known = this.schemas[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(component)) {
      throw new Error(`Two schemas of the API are named ${name}. Give one of them another name.`);
    }
    this.schemas[name] = component;
  }
}

/** The field that distinguishes the members of a union, so that generated clients can narrow the type. */
function discriminatorOf({ _zod: { def } }: z.core.$ZodTypes): JsonObject {
  if (def.type !== 'union' || !isDiscriminated(def)) return {};
  const mapping = def.options.flatMap((option) => {
    const id = z.globalRegistry.get(option)?.id;
    const values = [...(option._zod.propValues?.[def.discriminator] ?? [])];
    return id === undefined
      ? []
      : values.map((value): [string, string] => [String(value), `#/components/schemas/${id}`]);
  });
  return { discriminator: { propertyName: def.discriminator, mapping: Object.fromEntries(mapping) } };
}

function isDiscriminated(def: z.core.$ZodUnionDef): def is z.core.$ZodDiscriminatedUnionDef {
  return 'discriminator' in def;
}

/** Removes patterns that a format implies, limits that only JavaScript has, and in responses the ban on new fields. */
function simplify(json: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  if (json.format === 'uuid' || json.format === 'date-time' || json.format === 'email') delete json.pattern;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  // OpenAPI 3.1 describes a file only by its media type.
  if (json.format === 'binary') {
    delete json.type;
    delete json.format;
    delete json.contentEncoding;
  }
  if (io === 'output' && json.additionalProperties === false) delete json.additionalProperties;
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
