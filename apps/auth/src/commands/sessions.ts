import { createDataSource } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { entities } from '../database';
import { AllSessions, countOpenSessions, type OpenSessions } from '../session/session/revoke-all';
import {
  type Command,
  databaseUrlOf,
  fernetOf,
  misunderstood,
  parse,
  surroundings,
  UsageError,
  type Variables,
} from '#libs/command';

const help = `npm run sessions -- revoke-all --reason <text> [--yes]

Signs every user out on every device, staff included. Use it when sessions may have been stolen from many users at once.

  revoke-all         shows how many sessions would end, and changes nothing
    --reason <text>  why, for the audit log (up to 500 characters)
    --yes            ends them

Sessions in use end first. Every replica refuses their access tokens within a second of the batch that ended them.
Refresh tokens stop working at once. Users see the sign-out in their security log and get no email. They can sign in
again at once; sessions that begin after the command are kept, unless the user's batch is still to come.

You can stop the command and run it again: it ends what is left. API keys and links in emails that were already sent
keep working. If a signing key was stolen, also run npm run signing-keys -- rotate --now.

  DATABASE_URL_AUTH        the database of auth (or DATABASE_URL)
  FIELD_ENCRYPTION_KEY     the same as auth has; only needed with --yes
  If neither is set, the command uses those of the suite that npm start runs.

Examples
  npm run sessions -- revoke-all --reason "Laptop with production access was stolen"
  npm run sessions -- revoke-all --reason "Laptop with production access was stolen" --yes
  DATABASE_URL=postgres://… FIELD_ENCRYPTION_KEY=… npm run sessions -- revoke-all --reason "Incident 42" --yes
  node dist/scripts/sessions.js revoke-all --reason "Incident 42" --yes     in an image, with auth's own environment`;

const longestReason = 500;

interface Request {
  readonly reason: string;
  readonly confirmed: boolean;
}

export const sessions: Command = async (args, environment) => {
  const request = requestOf(args);
  if (request === undefined) console.log(help);
  else await revokeAll(request, surroundings(environment));
  return undefined;
};

async function revokeAll({ reason, confirmed }: Request, environment: Variables): Promise<void> {
  const fernet = confirmed ? fernetOf(environment) : undefined;
  const url = databaseUrlOf(environment, 'auth', true);
  const source = createDataSource({ url, service: 'auth', poolSize: 1, entities });
  await source.initialize();
  try {
    if (fernet === undefined) {
      const found = await countOpenSessions(source.manager);
      return console.log(`This would end ${described(found)}. Nothing was changed. To end them, add --yes.`);
    }
    const ended = await new AllSessions(source, new Outbox(fernet)).revoke(reason);
    console.log(`Ended ${described(ended)}. The audit log has the reason.`);
  } finally {
    await source.destroy();
  }
}

function described({ sessions: count, users }: OpenSessions): string {
  return `${count} ${count === 1 ? 'session' : 'sessions'} of ${users} ${users === 1 ? 'user' : 'users'}`;
}

function requestOf(args: readonly string[]): Request | undefined {
  const parsed = parse('sessions', args, { reason: { type: 'string' }, yes: { type: 'boolean' } });
  const [action, ...rest] = parsed?.positionals ?? [];
  if (parsed === undefined || (action === undefined && args.length === 0)) return undefined;
  if (action !== 'revoke-all' || rest.length > 0) throw misunderstood('sessions', args);
  const { reason = '', yes: confirmed = false } = parsed.values;
  return { reason: reasonOf(reason), confirmed };
}

function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason === '') throw new UsageError('Say why, for the audit log: --reason "…".');
  if (reason.length > longestReason)
    throw new UsageError(`The reason is over ${longestReason} characters. Shorten it.`);
  return reason;
}
