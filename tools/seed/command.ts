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

Fills the suite that npm start runs with a demo: people, two organizations with roles of their own, and invitations, all made
over HTTP and by reading mail, as their owners would. Takes some ten seconds. Run again, it adds what is missing.
Refused where NODE_ENV is production, and for a suite that is not on this machine: everybody in it has one known password.

  API_URL, MAIL_URL     the suite and its mail catcher; without them those of npm start

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
  console.log(`\n${alignedTable([['name', 'e-mail', 'in which organization, as what'], ...rows])}\n`);
  console.log(`Everybody's password is «${demoPassword}».`);
  return undefined;
};

function addresses(environment: Variables): { readonly api: string; readonly mail: string } {
  if (environment['NODE_ENV'] === 'production')
    throw new UsageError('NODE_ENV is production: a demo whose password everybody knows has no place there.');
  const known = { ...readDotenv(join(localFolder, 'env')), ...environment };
  const { API_URL: api, MAIL_URL: mail } = known;
  if (!api) throw new UsageError('API_URL is not set, and no suite has been started here. Run npm start first.');
  if (!mail)
    throw new UsageError('MAIL_URL is not set, and the suite has no mail catcher: the demo reads its mails there.');
  for (const [variable, url] of Object.entries({ API_URL: api, MAIL_URL: mail })) {
    if (!isOnThisMachine(url))
      throw new UsageError(`${variable} is ${url}: the demo is for a suite on this machine only.`);
  }
  return { api, mail };
}

function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
