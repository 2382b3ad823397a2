import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns a sentence that says why production refuses the value, or undefined if it is fine. An unset
 * variable is undefined. The sentence must not contain a secret.
 */
export type ProductionRule = (text: string | undefined) => string | undefined;

/** What an operator has to know about an environment variable beyond its type. */
export interface VariableDescription {
  /** Completes the sentence "Expected …". */
  readonly expected?: string;
  /** A command that prints a good value. */
  readonly make?: string;
  readonly production?: ProductionRule;
  /** It can also come from the file that `<name>_FILE` names. */
  readonly isSecret?: boolean;
}

const descriptions = z.registry<VariableDescription>();

export function describeVariable<S extends z.ZodType>(schema: S, description: VariableDescription): S {
  const described = schema.clone();
  descriptions.add<z.core.$ZodType>(described, { ...descriptionOf(schema), ...description });
  return described;
}

/**
 * Returns the schema's description. Wrappers such as `.optional()` and `.default()` inherit that of the
 * schema they wrap.
 */
export function descriptionOf(schema: z.core.$ZodType): VariableDescription {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return { ...(wraps ? descriptionOf(schema.def.innerType) : {}), ...descriptions.get(schema) };
}

/** Lets the variable come from a file as well, as container platforms hand out secrets. */
export function asSecret<S extends z.ZodType>(schema: S): S {
  return describeVariable(schema, { isSecret: true });
}

/**
 * Adds a rule that only production enforces:
 * `inProduction(trustProxy.optional(), (text) => (text === undefined ? 'Say which proxies to believe.' : undefined))`.
 */
export function inProduction<S extends z.ZodType>(schema: S, rule: ProductionRule): S {
  const { production } = descriptionOf(schema);
  return describeVariable(schema, { production: (text) => production?.(text) ?? rule(text) });
}
