import { parseArgs, type ParseArgsConfig, styleText } from 'node:util';

/** The command was given something that it cannot work with: exit code 2. */
export class UsageError extends Error {}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What one types. It says what it does by `console`, and returns the exit code where that is not 0. Called by a program of a
 * few lines, so that tests call it in their own process.
 */
export type Command = (args: readonly string[], environment: Variables) => Promise<number | undefined>;

/** The process ends by itself when everything is closed. */
export async function runProgram(command: Command): Promise<void> {
  process.exitCode = await exitCodeOf(command, process.argv.slice(2), process.env);
}

/** 1 when the command fails, 2 when it was not understood; why is on the standard error output, without a stack. */
export async function exitCodeOf(
  command: Command,
  args: readonly string[],
  environment: Variables,
): Promise<number | undefined> {
  try {
    return await command(args, environment);
  } catch (error) {
    console.error(styleText('red', error instanceof Error ? error.message : String(error)));
    return error instanceof UsageError ? 2 : 1;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

const help = { type: 'boolean', short: 'h' } as const;

/**
 * The options and what stands beside them; undefined when help is wanted.
 * @throws UsageError for an option that there is not
 */
export function parse<O extends Options>(
  name: string,
  args: readonly string[],
  options: O,
): Parsed<O & { help: typeof help }> | undefined {
  try {
    const parsed = parseArgs({ args: [...args], allowPositionals: true, options: { ...options, help } });
    return 'help' in parsed.values && parsed.values.help === true ? undefined : parsed;
  } catch {
    throw misunderstood(name, args);
  }
}

export function misunderstood(name: string, args: readonly string[]): UsageError {
  return new UsageError(`Not understood: ${args.join(' ')}. Try «npm run ${name} -- --help».`);
}
