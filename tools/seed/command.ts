import { styleText } from 'node:util';
import { join } from 'node:path';
import {
  alignedTable,
  type Command,
  misunderstood,
  parse,
  readDotenv,
  UsageError,
  type Variables,
} from '#libs/command';
import { localFolder } from '#libs/local';
import { DemoClient } from './demo-client';
import { demoPassword, makeDemo } from './demo';

const help = `npm run seed

Adds demo data to the suite that npm start runs: users, two organizations with custom roles, and invitations. It uses the API
and reads emails, like real users. It takes about ten seconds. If you run it again, it adds what is missing.
All demo users have the same known password, so it fails if NODE_ENV is production or the suite is not on this machine.

  API_URL, MAIL_URL     the suite and its mail catcher (default: those of npm start)

Examples
  npm run seed
  npm run reset && npm start     then, in another terminal, npm run seed`;

export const seed: Command = async (args, environment) => {
  const parsed = parse('seed', args, {});
  if (parsed === undefined) return void console.log(help);
  if (parsed.positionals.length > 0) throw misunderstood('seed', args);
  const client = new DemoClient(addresses(environment));
  const people = await makeDemo(client, (line) => console.log(styleText('dim', line)));
  const rows = people.map(({ name, email, role }) => [name, email, role]);
  console.log(`\n${alignedTable([['name', 'email', 'organizations and roles'], ...rows])}\n`);
  console.log(`The password of all users is ${demoPassword}`);
  return undefined;
};

function addresses(environment: Variables): { readonly api: string; readonly mail: string } {
  if (environment['NODE_ENV'] === 'production')
    throw new UsageError(
      'NODE_ENV is production. Demo users have a known password, so they must not be created there.',
    );
  const known = { ...readDotenv(join(localFolder, 'env')), ...environment };
  const { API_URL: api, MAIL_URL: mail } = known;
  if (!api) throw new UsageError('API_URL is not set, and npm start has not run here. Run npm start first.');
  if (!mail)
    throw new UsageError(
      'MAIL_URL is not set, and the suite has no mail catcher. Set MAIL_URL to the mail catcher of the suite.',
    );
  for (const [variable, url] of Object.entries({ API_URL: api, MAIL_URL: mail })) {
    if (!isOnThisMachine(url))
      throw new UsageError(
        `${variable} is ${url}, which is not on this machine. Demo data is for a suite on this machine only.`,
      );
  }
  return { api, mail };
}

function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
