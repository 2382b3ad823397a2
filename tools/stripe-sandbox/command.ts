import { once } from 'node:events';
import { misunderstood, parse, UsageError, type Command } from '#libs/command';
import { SandboxControl } from './control/client';
import { startStripeSandbox } from './start';

const help = `npm run sandbox -- <command> [options]

A Stripe that runs on this computer, for developing and testing billing. It keeps everything in memory: ending it resets it.

  start            run it until Ctrl-C
  list             show its test clocks
  advance <time>   move a test clock: 90m, 12h, 30d. Resolves when all that fell due is done and was delivered.

  --port <n>       start: the port (default: 12111)
  --clock <id>     start: the id of its test clock; advance: the clock to move (default: clock_local)
  --url <url>      list, advance: where the sandbox is (default: http://127.0.0.1:12111)

Examples
  npm run sandbox -- start
  npm run sandbox -- list
  npm run sandbox -- advance 30d
  npm run sandbox -- advance 12h --clock clock_local --url http://127.0.0.1:12112`;

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** @throws UsageError */
export function secondsOf(span: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,6})([a-z])$/.exec(span) ?? [];
  const seconds = Number(count) * (unitSeconds[unit] ?? 0);
  if (seconds === 0) throw new UsageError(`'${span}' is no time. Write it as 90m, 12h, or 30d.`);
  return seconds;
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new UsageError(`'${text}' is no port.`);
  return Number(text);
}

/** Starts, lists, and advances a sandbox. */
export const sandbox: Command = async (args) => {
  const option = { type: 'string' } as const;
  const parsed = parse('sandbox', args, { port: option, clock: option, url: option });
  const [command, span, ...rest] = parsed?.positionals ?? [];
  if (parsed === undefined || command === undefined) {
    console.log(help);
    return undefined;
  }
  const { port = '12111', clock = 'clock_local', url = 'http://127.0.0.1:12111' } = parsed.values;
  const control = new SandboxControl(url.replace(/\/$/, ''));
  if (command === 'start' && span === undefined) return run(portOf(port), clock);
  if (command === 'list' && span === undefined) return list(control, url);
  if (command === 'advance' && span !== undefined && rest.length === 0) return advance(control, url, clock, span);
  throw misunderstood('sandbox', args);
};

async function run(port: number, clock: string): Promise<undefined> {
  const running = await startStripeSandbox({ port, clock });
  console.log(`The Stripe sandbox is running at ${running.url}. Press Ctrl-C to stop it; that forgets all it has.`);
  console.log(`Secret key: ${running.secretKey}\nTest clock: ${clock}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await running.close();
  return undefined;
}

/** @throws an error that says how to start the sandbox if there is none */
async function reach<T>(url: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`No Stripe sandbox answers at ${url}. Start it: npm run sandbox -- start`, { cause: error });
  }
}

const timeText = (seconds: number) => new Date(seconds * 1_000).toISOString();

async function list(control: SandboxControl, url: string): Promise<undefined> {
  const clocks = await reach(url, control.clocks());
  for (const line of clocks.map(({ id, status, now }) => `${id}  ${status}  ${timeText(now)}`)) console.log(line);
  return undefined;
}

async function advance(control: SandboxControl, url: string, clock: string, span: string): Promise<undefined> {
  const { now, status } = await reach(url, control.advance(clock, { seconds: secondsOf(span) }));
  console.log(`${clock} is ${status} at ${timeText(now)}.`);
  return undefined;
}
