import { getMetadataArgsStorage } from 'typeorm';
import { z } from 'zod';
import { snakeCase } from './naming-strategy';

type Entity<Row> = new () => Row;

/** Some columns of a table: the list that SELECT or RETURNING names, and the schema that parses what comes. */
export interface Columns<Row> {
  readonly list: string;
  readonly row: z.ZodType<Row>;
}

/**
 * What of an entity a statement written by hand reads, so that no table is described twice.
 * @param table what the statement calls the table; default: its name
 */
export function columnsOf<Row extends object, Name extends keyof Row & string>(
  entity: Entity<Row>,
  names: readonly Name[],
  table = tableOf(entity),
): Columns<Pick<Row, Name>> {
  const schema = z.object(Object.fromEntries(names.map((name) => [name, schemaOf(entity, name)])));
  const list = names.map((name) => `${table}.${snakeCase(name)} AS "${name}"`).join(', ');
  const row = z.preprocess((found, context) => {
    const parsed = schema.safeParse(found);
    if (!parsed.success) context.addIssue(parsed.error.message);
    return parsed.data;
  }, z.custom<Pick<Row, Name>>());
  return { list, row };
}

function tableOf(entity: Entity<object>): string {
  const name = getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name;
  if (name === undefined) throw new Error(`${entity.name} is not an entity with a table.`);
  return name;
}

/** As the PostgreSQL driver gives them. int8 arrives as text, as JavaScript's numbers do not hold all of it. */
const types: Readonly<Record<string, z.ZodType>> = {
  uuid: z.string(),
  text: z.string(),
  int: z.int(),
  bigint: z.string(),
  boolean: z.boolean(),
  timestamptz: z.date(),
  bytea: z.instanceof(Buffer),
  jsonb: z.json(),
};

function schemaOf(entity: Entity<object>, name: string): z.ZodType {
  const storage = getMetadataArgsStorage();
  const { options } =
    storage.columns.find((column) => column.propertyName === name && isOf(entity, column.target)) ?? {};
  const type = types[String(options?.type)];
  if (options === undefined || type === undefined)
    throw new Error(`${entity.name}.${name} is not a column of a known type.`);
  const schema = options.array === true ? z.array(type) : type;
  return options.nullable === true ? schema.nullable() : schema;
}

function isOf(entity: Entity<object>, target: unknown): boolean {
  return typeof target === 'function' && (target === entity || entity.prototype instanceof target);
}
