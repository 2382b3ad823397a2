import { styleText } from 'node:util';
import { join } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { DeadLetters, Queues, type DeadLetter } from '#libs/jobs';
import { closeRedis, createRedis, whenReady } from '#libs/redis';
import { type Command, misunderstood, parse, readDotenv, UsageError, type Variables } from '#libs/command';
import { localFolder } from '#libs/local';

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

interface Wish {
  readonly action: 'list' | 'replay' | 'drop';
  readonly ids: readonly string[];
  readonly services: readonly ServiceName[];
  readonly all: boolean;
  readonly json: boolean;
}

export const deadLetters: Command = async (args, environment) => {
  const wish = wishOf(args);
  if (wish === undefined) return void console.log(help);
  const connection = createRedis(redisOptions(environment), 'command');
  const queues = new Queues(connection);
  try {
    if (!(await whenReady(connection, connectTimeoutMs))) {
      throw new Error(
        `Redis did not answer within ${connectTimeoutMs / 1_000} s. Is REDIS_URL right, and the server up?`,
      );
    }
    return await run(wish, new DeadLetters(queues));
  } finally {
    await queues.close();
    await closeRedis(connection);
  }
};

const options = { all: { type: 'boolean' }, json: { type: 'boolean' }, service: { type: 'string' } } as const;

function wishOf(args: readonly string[]): Wish | undefined {
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
  if (service === undefined) throw new UsageError(`No such service: ${name}. There are ${serviceNames.join(', ')}.`);
  return [service];
}

function redisOptions(environment: Variables) {
  const own = environment['REDIS_URL'];
  const url = own ?? readDotenv(join(localFolder, 'env'))['REDIS_URL'];
  if (!url)
    throw new UsageError('REDIS_URL is not set, and no local suite was started here. Set it as the services have it.');
  return { url, name: 'dead-letters', tlsCaFile: environment['REDIS_TLS_CA_FILE'] };
}

async function run({ action, services, all, json, ids }: Wish, deadLetters: DeadLetters): Promise<number> {
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
    console.error(styleText('red', `${id}  is no dead letter`));
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
