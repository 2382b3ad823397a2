import { styleText } from 'node:util';
import { join } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { DeadLetters, Queues, type DeadLetter } from '#libs/jobs';
import { closeRedis, createRedis, whenReady } from '#libs/redis';
import { type Command, misunderstood, parse, readDotenv, UsageError, type Variables } from '#libs/command';
import { localFolder } from '#libs/local';

const help = `npm run dead-letters -- list | replay | drop [<id> …] [--service <name>] [--all]

Shows, replays, and drops dead letters: events and jobs that failed on every attempt. Fix the cause before you replay
them. A confidential one shows no reason: look for its error id in the log of the service.

  list                  show the newest first, with the reason of the last attempt
  replay <id> …         try again from the first attempt. Work that already succeeded is not done twice
  drop <id> …           finish it without running it

  --service <name>      only for this service (${serviceNames.join(', ')})
  --all                 replay or drop all that list shows (at most 1,000 per queue; then run it again)
  --json                list as JSON

  REDIS_URL             the Redis server; if not set, the one of the suite that npm start runs
  REDIS_TLS_CA_FILE     the CA certificate for a rediss:// server, if the system does not trust it

Examples
  npm run dead-letters -- list
  npm run dead-letters -- list --service notification --json
  npm run dead-letters -- replay 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  npm run dead-letters -- replay --all --service notification
  npm run dead-letters -- drop 0199e0a3-5a3c-7c1e-b0a5-6f2f3a1d9c11
  REDIS_URL=redis://… node dist/scripts/dead-letters.js list          in a container`;

const mostPerQueue = 1_000;
const connectTimeoutMs = 5_000;

interface DeadLetterCommand {
  readonly action: 'list' | 'replay' | 'drop';
  readonly ids: readonly string[];
  readonly services: readonly ServiceName[];
  readonly all: boolean;
  readonly json: boolean;
}

export const deadLetters: Command = async (args, environment) => {
  const command = commandOf(args);
  if (command === undefined) return void console.log(help);
  const connection = createRedis(redisOptions(environment), 'command');
  const queues = new Queues(connection);
  try {
    if (!(await whenReady(connection, connectTimeoutMs))) {
      throw new Error(
        `Redis did not respond within ${connectTimeoutMs / 1_000} s. Check REDIS_URL and that the server is running.`,
      );
    }
    return await run(command, new DeadLetters(queues));
  } finally {
    await queues.close();
    await closeRedis(connection);
  }
};

const options = { all: { type: 'boolean' }, json: { type: 'boolean' }, service: { type: 'string' } } as const;

function commandOf(args: readonly string[]): DeadLetterCommand | undefined {
  const parsed = parse('dead-letters', args, options);
  const [action, ...ids] = parsed?.positionals ?? [];
  if (parsed === undefined || action === undefined) return undefined;
  if (action !== 'list' && action !== 'replay' && action !== 'drop') throw misunderstood('dead-letters', args);
  const { all = false, json = false, service } = parsed.values;
  if (action === 'list' ? ids.length > 0 || all : ids.length === 0 && !all) throw misunderstood('dead-letters', args);
  return { action, ids: ids.map((id) => id.toLowerCase()), services: servicesOf(service), all, json };
}

function servicesOf(name: string | undefined): readonly ServiceName[] {
  if (name === undefined) return serviceNames;
  const service = serviceNames.find((candidate) => candidate === name);
  if (service === undefined)
    throw new UsageError(`Unknown service: ${name}. The services are ${serviceNames.join(', ')}.`);
  return [service];
}

function redisOptions(environment: Variables) {
  const own = environment['REDIS_URL'];
  const url = own ?? readDotenv(join(localFolder, 'env'))['REDIS_URL'];
  if (!url)
    throw new UsageError(
      'REDIS_URL is not set, and npm start has not run here. Set it to the value that the services use.',
    );
  return { url, name: 'dead-letters', tlsCaFile: environment['REDIS_TLS_CA_FILE'] };
}

async function run({ action, services, all, json, ids }: DeadLetterCommand, deadLetters: DeadLetters): Promise<number> {
  const found = await Promise.all(
    services.map(async (service) =>
      (await deadLetters.list(service, mostPerQueue)).map((letter) => ({ ...letter, service })),
    ),
  );
  const letters = found.flat();
  if (action === 'list') {
    show(letters, json);
    return 0;
  }
  const chosen = all ? letters.map(({ id }) => id) : ids;
  let missing = 0;
  for (const id of chosen) {
    const owners = letters.filter((letter) => letter.id === id);
    const done = await Promise.all(owners.map(({ service }) => deadLetters[action](service, id)));
    const ended = owners.filter((_, index) => done[index]);
    for (const { service, name } of ended) console.log(`${id}  ${service} ${name} ${past[action]}`);
    if (ended.length > 0) continue;
    console.error(styleText('red', `${id}  is not a dead letter`));
    missing += 1;
  }
  if (chosen.length === 0) console.log('There are no dead letters.');
  return missing === 0 ? 0 : 1;
}

const past = { drop: 'dropped', replay: 'replayed' } as const;

function show(letters: readonly (DeadLetter & { readonly service: string })[], json: boolean): void {
  if (json) return console.log(JSON.stringify(letters, null, 2));
  if (letters.length === 0) return console.log('There are no dead letters.');
  for (const { id, service, name, reason, attempts, failedAt, requestId } of letters) {
    console.log(`${id}  ${service} ${name}, ${attempts} attempts, the last ${failedAt.toISOString()}`);
    console.log(styleText('dim', `  ${reason}${requestId === undefined ? '' : `; request ${requestId}`}`));
  }
  console.log(`${letters.length} dead ${letters.length === 1 ? 'letter' : 'letters'}`);
}
