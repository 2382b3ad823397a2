import type { z } from 'zod';
import type { OperationDescription } from '../access/operation';
import type { DescribedRoute } from './routes';
import type { JsonObject, SchemaComponents, SchemaField } from './schema-components';
import { cookieNames } from '../edge/session-cookies';

/** The parameters and body of an operation. */
export function requestOf(route: DescribedRoute, components: SchemaComponents): JsonObject {
  const parameters = [
    ...pathFields(route, components).map((field) => parameter('path', field)),
    ...queryFields(route, components).map((field) => parameter('query', field)),
    ...(takesKey(route) ? [idempotencyKey] : []),
    ...(route.operation.startsSession === true ? [sessionMode] : []),
  ];
  const content = bodyOf(route, components);
  // A request without a body is read as an empty object.
  const required = bodySchemaOf(route)?.safeParse({}).success !== true;
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : { requestBody: { required, content } }),
  };
}

/** PUT is already idempotent. */
export function takesKey({ method }: DescribedRoute): boolean {
  return method !== 'get' && method !== 'put';
}

export function takesInput(route: DescribedRoute, components: SchemaComponents): boolean {
  const fields = [...pathFields(route, components), ...queryFields(route, components)];
  return fields.length > 0 || bodyOf(route, components) !== undefined;
}

function pathFields({ params, operation }: DescribedRoute, components: SchemaComponents): SchemaField[] {
  if (params !== undefined) return components.fieldsOf(params);
  const names = operation.contract?.http?.pathFields ?? [];
  return contractFields(operation, components).filter(({ name }) => names.includes(name));
}

function queryFields({ method, query, operation }: DescribedRoute, components: SchemaComponents): SchemaField[] {
  if (query !== undefined) return components.fieldsOf(query);
  if (method !== 'get') return [];
  const names = operation.contract?.http?.pathFields ?? [];
  return contractFields(operation, components).filter(({ name }) => !names.includes(name));
}

function contractFields({ contract }: OperationDescription, components: SchemaComponents): SchemaField[] {
  return contract === undefined ? [] : components.fieldsOf(contract.request);
}

function bodySchemaOf({ method, body, operation: { contract, form } }: DescribedRoute): z.ZodType | undefined {
  if (form !== undefined) return form;
  return body ?? (method === 'get' ? undefined : contract?.request);
}

function bodyOf(route: DescribedRoute, components: SchemaComponents): JsonObject | undefined {
  const { body, operation } = route;
  const { contract, form } = operation;
  const name = contract === undefined ? schemaName(operation.id) : schemaName(contract.name);
  if (form !== undefined) return { 'multipart/form-data': { schema: components.ofBody(form, name) } };
  const schema = bodySchemaOf(route);
  if (schema === undefined) return undefined;
  const json = components.ofBody(schema, name, body === undefined ? contract?.http?.pathFields : []);
  return json === undefined ? undefined : { 'application/json': { schema: json } };
}

/** Turns `auth.createInvitation` into CreateInvitation. */
export function schemaName(contract: string): string {
  const method = contract.slice(contract.indexOf('.') + 1);
  return method.charAt(0).toUpperCase() + method.slice(1);
}

function parameter(place: 'path' | 'query', { name, required, schema }: SchemaField): JsonObject {
  const { description, ...rest } = schema;
  if (typeof description !== 'string')
    throw new Error(`Describe the ${place} parameter ${name}: add .describe() to its schema.`);
  return {
    name,
    in: place,
    required: place === 'path' || required,
    description,
    schema: rest,
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes the request safe to repeat for 24 hours: the same key and body return the first response.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const sessionMode = {
  name: 'X-Session-Mode',
  in: 'header',
  required: false,
  description: `Send \`cookie\` from a browser to get the tokens as cookies (\`${cookieNames.access}\`) instead of in the body.`,
  schema: { type: 'string', enum: ['cookie'] },
};
