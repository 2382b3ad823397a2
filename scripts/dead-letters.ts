import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { DeadLetters, Queues, type DeadLetter } from '#libs/jobs';
import { closeRedis, createRedis, whenReady } from '#libs/redis';
import { colour } from './local/colour';
import { readDotenv } from './local/dotenv';
import { localFolder } from './local/paths';

const help = `npm run dead-letters -- list | replay | drop [<id> …] [--service <name>] [--all]

Events and jobs that have failed for good. Each was tried as often as its contract says, and waits here for somebody to
mend what is wrong. A confidential one shows no reason: look for its error id in the service's log.

  list                  the newest first, with the reason of the last attempt
  replay <id> …         try again, from the first attempt on; what is done already is not done again
  drop <id> …           give it up: it is finished without effect, and not added again

  --service <name>      only of this service (${serviceNames.join(', ')})
  --all                 replay or drop every one that list shows (at most 1,000 per queue; then run it again)
  --json                list as JSON

  REDIS_URL             where Redis is; without it, the suite that npm start runs
  REDIS_TLS_CA_FILE     for a rediss:// server whose authority the system does not know

Examples
  npm run dead-letters -- list
  npm run dead-letters -- list --service notification --json
  npm run dead-letters -- replay 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  npm run dead-letters -- replay --all --service notification
  npm run dead-letters -- drop 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  REDIS_URL=redis://… node dist/scripts/dead-letters.js list          in an image`;

const mostPerQueue = 1_000;
const connectTimeoutMs = 5_000;

class UsageError extends Error {}

interface Command {
  readonly action: 'list' | 'replay' | 'drop';
  readonly ids: readonly string[];
  readonly services: readonly ServiceName[];
  readonly all: boolean;
  readonly json: boolean;
}

async function main(args: readonly string[]): Promise<void> {
  const command = commandOf(args);
  if (command === undefined) return console.log(help);
  const connection = createRedis(redisOptions(), 'command');
  const queues = new Queues(connection);
  try {
    if (!(await whenReady(connection, connectTimeoutMs))) {
      throw new Error(
        `Redis did not answer within ${connectTimeoutMs / 1_000} s. Is REDIS_URL right, and the server up?`,
      );
    }
    await run(command, new DeadLetters(queues));
  } finally {
    await queues.close();
    await closeRedis(connection);
  }
}

function commandOf(args: readonly string[]): Command | undefined {
  const { values, positionals } = parse(args);
  const [action, ...ids] = positionals;
  if (values.help === true || action === undefined) return undefined;
  if (action !== 'list' && action !== 'replay' && action !== 'drop') throw misunderstood(args);
  const { all = false, json = false } = values;
  if (action === 'list' ? ids.length > 0 || all : ids.length === 0 && !all) throw misunderstood(args);
  return { action, ids, services: servicesOf(values.service), all, json };
}

function parse(args: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
    service: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    throw misunderstood(args);
  }
}

function misunderstood(args: readonly string[]): UsageError {
  return new UsageError(`Not understood: ${args.join(' ')}. Try «npm run dead-letters -- --help».`);
}

function servicesOf(name: string | undefined): readonly ServiceName[] {
  if (name === undefined) return serviceNames;
  const service = serviceNames.find((candidate) => candidate === name);
  if (service === undefined) throw new UsageError(`No such service: ${name}. There are ${serviceNames.join(', ')}.`);
  return [service];
}

function redisOptions() {
  const own = process.env['REDIS_URL'];
  const url = own ?? readDotenv(join(localFolder, 'env'))['REDIS_URL'];
  if (!url)
    throw new UsageError('REDIS_URL is not set, and no local suite was started here. Set it as the services have it.');
  return { url, name: 'dead-letters', tlsCaFile: process.env['REDIS_TLS_CA_FILE'] };
}

async function run(command: Command, deadLetters: DeadLetters): Promise<void> {
  const found = await Promise.all(
    command.services.map(async (service) =>
      (await deadLetters.list(service, mostPerQueue)).map((letter) => ({ ...letter, service })),
    ),
  );
  const letters = found.flat();
  if (command.action === 'list') return show(letters, command.json);
  const ids = command.all ? letters.map(({ id }) => id) : command.ids;
  for (const id of ids) {
    const owners = letters.filter((letter) => letter.id === id);
    const done = await Promise.all(owners.map(({ service }) => deadLetters[actionOf(command)](service, id)));
    report(
      command,
      id,
      owners.filter((_, index) => done[index]),
    );
  }
  if (ids.length === 0) console.log('There are no dead letters.');
}

function actionOf({ action }: Command): 'replay' | 'drop' {
  return action === 'drop' ? 'drop' : 'replay';
}

function report(
  command: Command,
  id: string,
  done: readonly { readonly service: string; readonly name: string }[],
): void {
  const past = command.action === 'drop' ? 'dropped' : 'replayed';
  for (const { service, name } of done) console.log(`${id}  ${service} ${name} ${past}`);
  if (done.length > 0) return;
  console.error(colour('red', `${id}  is no dead letter`));
  process.exitCode = 1;
}

function show(letters: readonly (DeadLetter & { readonly service: string })[], json: boolean): void {
  if (json) return console.log(JSON.stringify(letters, null, 2));
  if (letters.length === 0) return console.log('There are no dead letters.');
  for (const { id, service, name, reason, attempts, failedAt, requestId } of letters) {
    console.log(`${id}  ${service} ${name}, ${attempts} attempts, the last ${failedAt.toISOString()}`);
    console.log(colour('dim', `  ${reason}${requestId === undefined ? '' : `; request ${requestId}`}`));
  }
  console.log(`${letters.length} dead ${letters.length === 1 ? 'letter' : 'letters'}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(colour('red', error instanceof Error ? error.message : String(error)));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
