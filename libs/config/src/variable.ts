import { z } from 'zod';

/** Says in a sentence why production refuses a variable's text (undefined: unset), or undefined for a good one. Must not repeat a secret. */
export type ProductionRule = (text: string | undefined) => string | undefined;

/** What is known of an environment variable beyond its type, for whoever has to set it. */
export interface VariableDescription {
  /** Completes the sentence «Expected …». */
  readonly expected?: string;
  /** The command that prints a good value. */
  readonly make?: string;
  readonly production?: ProductionRule;
}

const descriptions = z.registry<VariableDescription>();

export function describeVariable<S extends z.ZodType>(schema: S, description: VariableDescription): S {
  const described = schema.clone();
  descriptions.add<z.core.$ZodType>(described, { ...descriptionOf(schema), ...description });
  return described;
}

/** The description of the schema or, for `.optional()`, `.default()` and the like, of what it wraps. */
export function descriptionOf(schema: z.core.$ZodType): VariableDescription {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return { ...(wraps ? descriptionOf(schema.def.innerType) : {}), ...descriptions.get(schema) };
}

/**
 * Adds a rule that only production enforces:
 * `inProduction(trustProxy.optional(), (text) => (text === undefined ? 'Say which proxies to believe.' : undefined))`.
 */
export function inProduction<S extends z.ZodType>(schema: S, rule: ProductionRule): S {
  const { production } = descriptionOf(schema);
  return describeVariable(schema, { production: (text) => production?.(text) ?? rule(text) });
}
