import { relative } from 'node:path';
import { colour } from './colour';
import { readStartOptions, UsageError } from './command-line';
import { localFolder } from './paths';
import { PortTakenError } from './ports';
import { AlreadyRunningError } from './run-state';
import { Suite } from './suite';
import { addressTable, forTerminal } from './terminal';

/** Signals that a terminal sends several times for one key (to us, and again through npm) count once within this time. */
const sameKeyMs = 1_000;

/** `npm start`: runs the suite until a signal, or the end of whoever started us; `whileRunning` is told the running suite. */
export async function runLocally(
  args: readonly string[],
  whileRunning: (suite: Suite) => void = () => undefined,
): Promise<void> {
  // A closed terminal takes our output with it, and must not keep us from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const startedAt = Date.now();
  try {
    const suite = await Suite.claim({
      folder: localFolder,
      ...readStartOptions(args, process.env),
      say: (line) => console.log(colour('dim', line)),
      onOutput: (name, line) => {
        const text = forTerminal(name, line);
        if (text !== undefined) console.log(text);
      },
    });
    const stopped = stopOnSignal(suite);
    console.log(colour('dim', 'Starting PostgreSQL, Redis, the mail catcher and the services …'));
    await Promise.race([suite.start(), stopped]);
    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
    console.log(`\n${addressTable(suite, relative('', localFolder) || localFolder)}\n`);
    console.log(colour('green', `Groundwork is running (${seconds} s). Ctrl-C stops it.`));
    whileRunning(suite);
    await stopped;
  } catch (error) {
    process.exitCode = 1;
    console.error(colour('red', explain(error)));
  }
}

function stopOnSignal(suite: Suite): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const stop = () => {
      if (firstAt !== undefined) {
        if (Date.now() - firstAt > sameKeyMs) killAtOnce(suite);
        return;
      }
      firstAt = Date.now();
      console.log('\nStopping …');
      void suite.stop().then(() => {
        console.log('Everything has stopped.');
        resolve();
        process.exit(process.exitCode ?? 0);
      });
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    // The channel to scripts/bootstrap.mjs: it ends with that process, however that ended.
    process.on('disconnect', stop);
  });
}

function killAtOnce(suite: Suite): void {
  for (const { pid } of suite.processes) process.kill(pid, 'SIGKILL');
  process.exit(130);
}

/** Mistakes of the user's are told in a sentence; our own keep their stack. */
function explain(error: unknown): string {
  if (error instanceof AlreadyRunningError || error instanceof PortTakenError || error instanceof UsageError)
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
