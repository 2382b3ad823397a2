import { parseArgs, type ParseArgsConfig, styleText } from 'node:util';

/** The command was called with arguments or settings that it cannot use. Exit code 2. */
export class UsageError extends Error {}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A command that people type. It prints with `console` and returns its exit code unless that is 0. It is
 * separate from the program that runs it, so that tests can call it in their own process.
 */
export type Command = (args: readonly string[], environment: Variables) => Promise<number | undefined>;

/** Sets only the exit code. The process ends by itself once everything is closed. */
export async function runProgram(command: Command): Promise<void> {
  process.exitCode = await exitCodeOf(command, process.argv.slice(2), process.env);
}

/** Returns 1 when the command fails and 2 for a usage error. Prints the reason to stderr without a stack. */
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
 * Parses options and positional arguments. Returns undefined when the user asks for help.
 * @throws UsageError for an unknown option
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
  return new UsageError(`Invalid arguments: ${args.join(' ')}. See: npm run ${name} -- --help`);
}
