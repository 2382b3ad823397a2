import { writeSync } from 'node:fs';
import { z } from 'zod';
import { secretNames, withSecretFiles } from './secret-files';
import { descriptionOf, type Environment, type VariableDescription } from './variable';

/** `lines` name each bad variable once, with the problem and the remedy. They never contain a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/**
 * Parses the configuration of a process. Trims values (a secret file ends in a line end) and treats empty
 * variables as unset. Without NODE_ENV the rules of production apply, so forgetting it is harmless.
 * @throws ConfigurationError
 */
export function parseEnvironment<S extends z.ZodObject>(schema: S, environment: Environment): z.output<S> {
  const { environment: set, problems } = withSecretFiles(secretNames(schema.shape), withoutBlanks(environment));
  const unread = new Set([...problems.keys()].map((name) => name.replace(/_FILE$/, '')));
  const parsed = schema.safeParse(set);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0] ?? 'The environment');
    if (!problems.has(name) && !unread.has(name))
      problems.set(name, problemOf(set[name], issue, descriptionFor(schema, name)));
  }
  for (const name of Object.keys(schema.shape)) {
    if (!problems.has(name) && !unread.has(name) && isProduction(set)) {
      const refusal = descriptionFor(schema, name).production?.(set[name]);
      if (refusal !== undefined)
        problems.set(
          name,
          `${set[name] === undefined ? 'is required in production.' : 'has a value that is not allowed in production.'} ${refusal}`,
        );
    }
  }
  if (parsed.success && problems.size === 0) return parsed.data;
  throw new ConfigurationError(
    [...problems].map(([name, problem]) => `${name} ${problem}${remedy(descriptionFor(schema, name))}`),
  );
}

/**
 * Like parseEnvironment, but prints the lines of a ConfigurationError to stderr and exits with code 1. For
 * a program's start.
 */
export function readEnvironment<S extends z.ZodObject>(schema: S, environment: Environment = process.env): z.output<S> {
  return orExit(() => parseEnvironment(schema, environment));
}

/** Prints the lines of a ConfigurationError to stderr and ends the process with code 1. */
export function orExit<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // Unlike process.stderr.write, writeSync finishes before the process ends on every platform.
    writeSync(2, `${error.message}\n`);
    process.exit(1);
  }
}

function withoutBlanks(environment: Environment): Record<string, string> {
  const trimmed = Object.entries(environment).map(([name, value]) => [name, value?.trim() ?? ''] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
}

function isProduction(environment: Environment): boolean {
  return environment['NODE_ENV'] !== 'development' && environment['NODE_ENV'] !== 'test';
}

function descriptionFor(schema: z.ZodObject, name: string): VariableDescription {
  const variable: unknown = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
  return variable instanceof z.ZodType ? descriptionOf(variable) : {};
}

function problemOf(value: string | undefined, issue: z.core.$ZodIssue, { expected }: VariableDescription): string {
  // Zod's default message for a rule that has none of its own.
  const ruleSpeaks = issue.code === 'custom' && issue.message !== 'Invalid input';
  if (value !== undefined && ruleSpeaks) return `is not valid. ${issue.message}`;
  const state = value === undefined ? 'is missing' : 'is not valid';
  return expected === undefined ? `${state}. ${issue.message.replace(/\.?$/, '.')}` : `${state}. Expected ${expected}.`;
}

function remedy({ make }: VariableDescription): string {
  return make === undefined ? '' : ` To create one, run: ${make}`;
}
