import { z } from 'zod';
import { descriptionOf } from './variable';

/** What an operator wants to know about an environment variable. */
export interface Setting {
  readonly name: string;
  /** The text of `.describe()`, in Markdown. */
  readonly meaning: string;
  /** As text, as one would set it. Undefined if there is none. */
  readonly default: string | undefined;
  readonly isSecret: boolean;
  /** Production does not start without it. */
  readonly isRequired: boolean;
}

export function settingsIn(shape: Readonly<Record<string, z.ZodType>>): Setting[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    meaning: schema.description ?? '',
    default: defaultOf(schema),
    isSecret: descriptionOf(schema).isSecret === true,
    isRequired: !schema.safeParse(undefined).success || descriptionOf(schema).production?.(undefined) !== undefined,
  }));
}

function defaultOf(schema: z.ZodType): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const { defaultValue } = schema.def;
  return Array.isArray(defaultValue) ? defaultValue.join(',') || undefined : String(defaultValue);
}
