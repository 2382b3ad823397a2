import { format, stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { spawnProcess } from './process';
import { root } from '#libs/local';
import { exitCodeOf, type Command, type Variables } from '#libs/command';

export interface Answer {
  readonly code: number | null;
  /** Both streams in the order in which they were written, without colors. */
  readonly output: string;
}

/** What a command says and how it ends, run in this process: one of its own takes two seconds to load everything again. */
export async function answerOf(command: Command, args: readonly string[], environment: Variables): Promise<Answer> {
  let output = '';
  const write = (...said: unknown[]) => void (output += `${stripVTControlCharacters(format(...said))}\n`);
  const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')].map((spy) => spy.mockImplementation(write));
  try {
    return { code: (await exitCodeOf(command, args, environment)) ?? 0, output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The same of the program, as `npm run` starts it. */
export async function answerOfProgram(name: string, args: readonly string[]): Promise<Answer> {
  const program = spawnProcess(join(root, 'dist', 'scripts', `${name}.js`), { args });
  const { code } = await program.exited;
  return { code, output: program.output() };
}
