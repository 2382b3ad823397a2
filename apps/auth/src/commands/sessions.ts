import { type Command, fernetOf, misunderstood, parse, surroundings, UsageError, type Variables } from '#libs/command';
import { Outbox } from '#libs/jobs';
import { databaseHelp, withDatabase } from '#libs/operations';
import { entities } from '../database';
import { AllSessions, countOpenSessions, type OpenSessions } from '../session/session/revoke-all';

const help = `npm run sessions -- revoke-all --reason <text> [--yes]

Signs out every user on every device, staff included. Use it when sessions of many users may have been stolen.

  revoke-all         show how many sessions would be revoked, and change nothing
    --reason <text>  the reason for the audit log (up to 500 characters)
    --yes            revoke the sessions

The command revokes sessions that are in use first. Every replica rejects their access tokens within a second of their
batch. Refresh tokens stop working immediately. Users see the sign-out in their security log and get no email. They can
sign in again right away. A session that starts while the command runs is kept, unless the user's batch is still to come.

If you stop the command, run it again: it revokes the remaining sessions. API keys and links in emails keep working.
If a signing key was stolen, also run npm run signing-keys -- rotate --now.

${databaseHelp('with --yes')}

Examples
  npm run sessions -- revoke-all --reason "Laptop with production access was stolen"
  npm run sessions -- revoke-all --reason "Laptop with production access was stolen" --yes
  DATABASE_URL=postgres://… FIELD_ENCRYPTION_KEY=… npm run sessions -- revoke-all --reason "Incident 42" --yes
  node dist/scripts/sessions.js revoke-all --reason "Incident 42" --yes     in a container, with the environment of auth`;

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
  await withDatabase({ service: 'auth', environment, entities }, async (source) => {
    if (fernet === undefined) {
      const found = await countOpenSessions(source.manager);
      return console.log(`This would revoke ${described(found)}. Nothing was changed. To revoke them, add --yes.`);
    }
    const ended = await new AllSessions(source, new Outbox(fernet)).revoke(reason);
    console.log(`Revoked ${described(ended)}. The reason is in the audit log.`);
  });
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
  if (reason === '') throw new UsageError('Give a reason for the audit log: --reason "…".');
  if (reason.length > longestReason)
    throw new UsageError(`The reason is longer than ${longestReason} characters. Shorten it.`);
  return reason;
}
