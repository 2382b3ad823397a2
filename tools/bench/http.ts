import { styleText } from 'node:util';
import { cpus } from 'node:os';
import { UsageError } from '#libs/command';
import { Account } from './account';
import { stopBenchProcesses } from './bench-process';
import { failuresOf, type Measurements } from './measurements';
import { readBenchOptions, type BenchOptions } from './options';
import { memoryOf, processTable } from './process-usage';
import { publish, writeReport } from './publish';
import { report } from './report';
import { Bench, rounds } from './rounds';
import { OwnSuite, runningSuite, type Target } from './target';

/** The exit code of a command that Ctrl-C ended. */
const interrupted = 130;

/** `npm run bench`. Stops everything it started, however it ends. The exit code reports failed requests. */
export async function runHttpBenchmark(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const own = env['API_URL'] === undefined ? new OwnSuite() : undefined;
  const cleanUp = () => {
    stopBenchProcesses();
    return own?.stop();
  };
  endOnSignal(cleanUp);
  try {
    const options = readBenchOptions(args);
    const target = own === undefined ? runningSuite(env) : await started(own);
    const measured = await measure(target, options);
    publish('http', report(measured));
    if (options.json !== undefined) writeReport(options.json, `${JSON.stringify(measured, null, 2)}\n`);
    if (measured.samples.some((sample) => failuresOf(sample) > 0)) fail('Some requests failed. See the errors column.');
  } catch (error) {
    // Errors caused by stopping are not reported.
    if (process.exitCode !== interrupted) fail(explain(error));
  } finally {
    await cleanUp();
  }
  // The channel to the parent would keep this process running.
  process.exit();
}

/** Usage errors are printed without a stack. Other errors keep theirs. */
function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function started(own: OwnSuite): Promise<Target> {
  say('Starting a suite with rate limits out of the way …');
  return own.start(say);
}

async function measure(target: Target, options: BenchOptions): Promise<Measurements> {
  const account = await Account.create(target);
  const bench = new Bench(target, account, options, say);
  const samples = await bench.run();
  const tokens = await bench.tokenVerification();
  const table = processTable();
  const memory = Object.fromEntries(target.processes.map(({ name, pid }) => [name, memoryOf(pid, table)]));
  const { seconds, connections } = options;
  const { startedInSeconds } = target;
  return { machine: machine(), rounds, seconds, connections, samples, memory, startedInSeconds, tokens };
}

function machine(): Measurements['machine'] {
  const cores = cpus();
  return {
    cores: cores.length,
    model: cores[0]?.model.trim() ?? 'unknown',
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

function endOnSignal(cleanUp: () => Promise<void> | undefined): void {
  const end = () => {
    if (process.exitCode === interrupted) return;
    process.exitCode = interrupted;
    say('Stopping …');
    void Promise.resolve(cleanUp()).finally(() => process.exit());
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // The channel to scripts/bootstrap.mjs closes when that process ends for any reason.
  process.on('disconnect', end);
}

function say(line: string): void {
  console.log(styleText('dim', line));
}

function fail(message: string): void {
  console.error(styleText('red', message));
  process.exitCode = 1;
}
