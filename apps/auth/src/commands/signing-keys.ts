import {
  alignedTable,
  type Command,
  fernetOf,
  misunderstood,
  parse,
  surroundings,
  type Variables,
} from '#libs/command';
import { databaseHelp, withDatabase } from '#libs/operations';
import {
  listSigningKeys,
  replaceSigningKeys,
  rotateSigningKey,
  RotationUnderWay,
  type KeyDescription,
} from '../session/access-token/signing-keys.table';

const help = `npm run signing-keys -- list | rotate [--now]

Lists and rotates the keys that sign access tokens. Private keys are never shown.

  list             show each key with its state: next, signing, retiring (its tokens still verify), or retired
  rotate           publish a new key, which signs from two minutes later. The old key is withdrawn 13 minutes from now,
                   when its last token has expired. Nobody is signed out. Fails while another rotation is in progress
  rotate --now     for a stolen key: withdraw all old keys now and sign with a new one. All access tokens become invalid
                   within a minute, and clients get new ones with their refresh tokens: sessions continue. For up to
                   30 seconds, a replica may still sign with the old key, and those tokens are rejected

${databaseHelp('to rotate')}

Rotate every few months, and whenever someone leaves who could read the database and FIELD_ENCRYPTION_KEY.

Examples
  npm run signing-keys -- list
  npm run signing-keys -- rotate
  npm run signing-keys -- rotate --now
  DATABASE_URL=postgres://… FIELD_ENCRYPTION_KEY=… npm run signing-keys -- rotate
  node dist/scripts/signing-keys.js list          in a container, with the environment of auth`;

type Action = 'list' | 'rotate' | 'replace';

export const signingKeys: Command = async (args, environment) => {
  const action = actionOf(args);
  if (action === undefined) console.log(help);
  else await rotateOrList(action, surroundings(environment));
  return undefined;
};

async function rotateOrList(action: Action, environment: Variables): Promise<void> {
  const fernet = action === 'list' ? undefined : fernetOf(environment);
  await withDatabase({ service: 'auth', environment, entities: [] }, async (source) => {
    if (fernet === undefined) return show(await listSigningKeys(source.manager));
    const change = action === 'rotate' ? rotateSigningKey : replaceSigningKeys;
    const { kid, signsFrom, retiresAt } = await change(source, fernet).catch(explain);
    console.log(`${kid}  ${action === 'rotate' ? 'is published and signs from' : 'signs from'} ${time(signsFrom)}`);
    if (action === 'rotate') console.log(`The old key is withdrawn at ${time(retiresAt)}. Nobody is signed out.`);
    else console.log(withdrawn);
  });
}

const withdrawn =
  'All old keys are withdrawn. All access tokens become invalid within a minute. Clients get new ones with their refresh tokens.';

function actionOf(args: readonly string[]): Action | undefined {
  const parsed = parse('signing-keys', args, { now: { type: 'boolean' } });
  const [action, ...rest] = parsed?.positionals ?? [];
  if (parsed === undefined || action === undefined) return undefined;
  const { now = false } = parsed.values;
  if (rest.length === 0 && action === 'list' && !now) return 'list';
  if (rest.length === 0 && action === 'rotate') return now ? 'replace' : 'rotate';
  throw misunderstood('signing-keys', args);
}

function show(keys: readonly KeyDescription[]): void {
  if (keys.length === 0) return console.log('There are no keys yet. auth creates the first one when it starts.');
  console.log(alignedTable([['kid', 'state', 'since', 'until'], ...keys.map(rowOf)]));
}

/** `since` is when the key starts to sign, `until` is when its tokens stop verifying. */
function rowOf({ kid, state, signsFrom, retiresAt }: KeyDescription): string[] {
  return [kid, state, time(signsFrom), retiresAt === null ? '-' : time(retiresAt)];
}

function time(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function explain(error: unknown): never {
  if (!(error instanceof RotationUnderWay)) throw error;
  const until = time(error.until);
  const message = `A rotation is in progress until ${until}. Wait for its end, or replace a stolen key with --now.`;
  throw new Error(message, { cause: error });
}
