import { format, stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { spawnProcess } from './process';
import { root } from '#libs/local';
import { exitCodeOf, type Command, type Variables } from '#libs/command';

export interface CommandResult {
  readonly code: number | null;
  /** Both streams in the order of writing, without colors. */
  readonly output: string;
}

/**
 * Runs a command in this process and returns its output and exit code. A separate process would need two
 * seconds to load everything.
 */
export async function resultOf(
  command: Command,
  args: readonly string[],
  environment: Variables,
): Promise<CommandResult> {
  let output = '';
  const write = (...said: unknown[]) => void (output += `${stripVTControlCharacters(format(...said))}\n`);
  const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')].map((spy) => spy.mockImplementation(write));
  try {
    return { code: (await exitCodeOf(command, args, environment)) ?? 0, output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs a command as its own process, as `npm run` does. */
export async function resultOfProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const program = spawnProcess(join(root, 'dist', 'scripts', `${name}.js`), { args, env });
  const { code } = await program.exited;
  return { code, output: program.output() };
}
