import { createDataSource } from '#libs/database';
import type { DataSource } from 'typeorm';
import {
  listSigningKeys,
  replaceSigningKeys,
  rotateSigningKey,
  RotationUnderWay,
  type KeyDescription,
} from '../session/access-token/signing-keys.table';
import {
  alignedTable,
  type Command,
  databaseUrlOf,
  fernetOf,
  misunderstood,
  parse,
  surroundings,
  type Variables,
} from '#libs/command';

const help = `npm run signing-keys -- list | rotate [--now]

The keys that sign access tokens. Their private halves are shown nowhere.

  list             each key with its state: next, signing, retiring (its tokens still verify), retired
  rotate           publishes a new key, which signs from two minutes later on; the old one is withdrawn when the last of
                   its tokens has expired, 13 minutes from now. Nobody notices. Refused while a rotation is under way
  rotate --now     for a key that was stolen: withdraws every key of before at once, and the new one signs. All access
                   tokens end, and clients renew theirs by their refresh tokens: sessions go on. Done everywhere within
                   a minute, and for half of one a replica may still sign with the old key: such a token is refused

  DATABASE_URL_AUTH        auth's database (DATABASE_URL will do)
  FIELD_ENCRYPTION_KEY     as auth has it; only to rotate
  Where neither is set, they are those of the suite that npm start runs.

Rotate every few months, and whenever somebody leaves who could read the database and FIELD_ENCRYPTION_KEY.

Examples
  npm run signing-keys -- list
  npm run signing-keys -- rotate
  npm run signing-keys -- rotate --now
  DATABASE_URL=postgres://… FIELD_ENCRYPTION_KEY=… npm run signing-keys -- rotate
  node dist/scripts/signing-keys.js list          in an image, with auth's own environment`;

type Wish = 'list' | 'rotate' | 'replace';

export const signingKeys: Command = async (args, environment) => {
  const wish = wishOf(args);
  if (wish === undefined) console.log(help);
  else await rotateOrList(wish, surroundings(environment));
  return undefined;
};

async function rotateOrList(wish: Wish, environment: Variables): Promise<void> {
  const fernet = wish === 'list' ? undefined : fernetOf(environment);
  const url = databaseUrlOf(environment, 'auth', true);
  const source = createDataSource({ url, service: 'auth', poolSize: 1, entities: [] });
  await source.initialize();
  try {
    if (fernet === undefined) return await list(source);
    const change = wish === 'rotate' ? rotateSigningKey : replaceSigningKeys;
    const { kid, signsFrom, retiresAt } = await change(source, fernet).catch(explain);
    console.log(`${kid}  ${wish === 'rotate' ? 'is published, and signs from' : 'signs from'} ${time(signsFrom)}`);
    if (wish === 'rotate') console.log(`The key of before is withdrawn at ${time(retiresAt)}. Nobody is signed out.`);
    else console.log(withdrawn);
  } finally {
    await source.destroy();
  }
}

const withdrawn = `Every key of before is withdrawn. All access tokens end within a minute; clients renew theirs by their refresh tokens.`;

function wishOf(args: readonly string[]): Wish | undefined {
  const parsed = parse('signing-keys', args, { now: { type: 'boolean' } });
  const [action, ...rest] = parsed?.positionals ?? [];
  if (parsed === undefined || action === undefined) return undefined;
  const { values } = parsed;
  const { now = false } = values;
  if (rest.length === 0 && action === 'list' && !now) return 'list';
  if (rest.length === 0 && action === 'rotate') return now ? 'replace' : 'rotate';
  throw misunderstood('signing-keys', args);
}

async function list(source: DataSource): Promise<void> {
  const keys = await listSigningKeys(source.manager);
  if (keys.length === 0) return console.log('There are no keys yet: auth makes the first one when it starts.');
  console.log(alignedTable([['kid', 'state', 'since', 'until'], ...keys.map(rowOf)]));
}

/** Since when, or from when, it signs, and until when its tokens verify. */
function rowOf({ kid, state, signsFrom, retiresAt }: KeyDescription): string[] {
  return [kid, state, time(signsFrom), retiresAt === null ? '-' : time(retiresAt)];
}

function time(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function explain(error: unknown): never {
  if (!(error instanceof RotationUnderWay)) throw error;
  const until = time(error.until);
  throw new Error(`A rotation is under way until ${until}. Wait for its end; a stolen key is replaced with --now.`, {
    cause: error,
  });
}
