import { styleText } from 'node:util';
import { relative } from 'node:path';
import { readStartOptions, type StartOptions } from './command-line';
import { killNow, localFolder, settingsFile } from '#libs/local';
import { readSettings } from './settings';
import { Suite } from './suite';
import { addressTable, forTerminal } from './terminal';

/**
 * A terminal sends a signal several times for one key press (directly and through npm). Repeats within
 * this time count once.
 */
const sameKeyMs = 1_000;

/**
 * `npm start`: runs the suite until a signal, or until the parent ends, then ends the process.
 * `whileRunning` gets the running suite.
 */
export async function runLocally(
  args: readonly string[],
  whileRunning: (suite: Suite) => void = () => undefined,
): Promise<void> {
  // A closed terminal closes our output, which must not prevent an orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const startedAt = Date.now();
  try {
    const { variables, warnings } = readSettings(settingsFile, process.env);
    for (const warning of warnings) console.error(styleText('yellow', `Warning: ${warning}`));
    const options = readStartOptions(args, variables);
    const suite = await Suite.claim({ folder: localFolder, environment: variables, ...options, ...onTerminal });
    const signaled = nextStopSignal(suite);
    const stopped = signaled.then(() => stop(suite));
    console.log(styleText('dim', `Starting ${whatStarts(options)} …`));
    const started = suite.start();
    await Promise.race([started, signaled]);
    started.catch(() => undefined);
    if (!suite.isStopping) announce(suite, Date.now() - startedAt, whileRunning);
    await stopped;
  } catch (error) {
    console.error(styleText('red', explain(error)));
    process.exit(1);
  }
  process.exit();
}

/** The user's own servers are already running. */
function whatStarts({ servers }: StartOptions): string {
  const embedded = [
    ...(servers.databaseUrl === undefined ? ['PostgreSQL'] : []),
    ...(servers.redisUrl === undefined ? ['Redis'] : []),
    ...(servers.smtpUrl === undefined ? ['the mail catcher'] : []),
  ];
  return [embedded.join(', '), 'the services'].filter((part) => part !== '').join(' and ');
}

/** While they start, services warn about each other's absence. The last lines of a service explain a failed start. */
let announced = false;

const onTerminal = {
  say: (line: string) => {
    console.log(styleText('dim', line));
  },
  onOutput: (name: string, line: string) => {
    const text = announced ? forTerminal(name, line) : undefined;
    if (text !== undefined) console.log(text);
  },
};

function nextStopSignal(suite: Suite): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal?: NodeJS.Signals) => {
      // Only a user presses Ctrl-C again on purpose. A parent program may repeat its signal.
      if (signal === 'SIGINT' && firstAt !== undefined && Date.now() - firstAt > sameKeyMs) killAtOnce(suite);
      firstAt ??= Date.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    // The channel to scripts/bootstrap.mjs closes when that process ends for any reason.
    process.on('disconnect', () => onSignal());
  });
}

function killAtOnce(suite: Suite): void {
  for (const running of suite.processes) killNow(running);
  process.exit(130);
}

async function stop(suite: Suite): Promise<void> {
  console.log('\nStopping …');
  await suite.stop();
  console.log('Stopped.');
}

function announce(suite: Suite, tookMs: number, whileRunning: (suite: Suite) => void): void {
  console.log(`\n${addressTable(suite, relative('', localFolder))}\n`);
  console.log(
    styleText('green', `Groundwork is running (started in ${(tookMs / 1_000).toFixed(1)} s). Press Ctrl-C to stop it.`),
  );
  announced = true;
  whileRunning(suite);
}

/** Our own errors say what to do. JavaScript's are mistakes in this code and need their stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^(Type|Reference|Range)Error$/.test(error.name) ? (error.stack ?? error.message) : error.message;
}
