import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { misunderstood, parse, UsageError, type Command } from '#libs/command';
import { root } from '#libs/local';
import { Changes } from './changes';
import { addFeature } from './feature';
import { addService } from './service';

const help = `npm run new -- service <name>
npm run new -- feature <service>/<name>

Writes the files that a new part starts from. They pass npm test as they are.

  service   a service with its own database. npm start runs it
  feature   something that users create and list: contract with two routes, use case, table, migration, test,
            access policies, and documentation

Names are in lower case with hyphens, and singular: usage-record.

Examples
  npm run new -- service reporting
  npm run new -- feature billing/plan
  npm run new -- feature reporting/usage-record`;

export const addPart: Command = async (args) => {
  const parsed = parse('new', args, {});
  if (parsed === undefined || parsed.positionals.length === 0) return void console.log(help);
  const written = [...writePart(root, parsed.positionals), ...writePages(root)];
  for (const path of written.toSorted()) console.log(path);
  const [kind, what = ''] = parsed.positionals;
  console.log(`\nNext: npm test -- apps/${kind === 'service' ? what : what.replace('/', '/src/')}`);
  return undefined;
};

/** @param root of the clone, or of a copy @returns the files that were written or changed */
export function writePart(root: string, args: readonly string[]): string[] {
  const [kind, what, ...rest] = args;
  if (what === undefined || rest.length > 0) throw misunderstood('new', args);
  const changes = new Changes(root);
  if (kind === 'service') addService(changes, nameIn(what), Date.now());
  else if (kind === 'feature') prepareFeature(changes, root, what);
  else throw misunderstood('new', args);
  changes.write();
  run(root, [join('node_modules', 'oxfmt', 'bin', 'oxfmt'), ...changes.paths]);
  return changes.paths;
}

/** The pages of docs/ that are made from the code. */
export function writePages(root: string): string[] {
  for (const page of ['openapi', 'access-matrix']) run(root, [join('scripts', 'run.mjs'), page]);
  return ['docs/openapi.json', 'docs/access-matrix.md'];
}

function prepareFeature(changes: Changes, root: string, what: string): void {
  const [service = '', name = ''] = what.split('/');
  if (service === 'gateway') throw new UsageError('The gateway owns no data. Name the service that does.');
  if (!existsSync(join(root, 'apps', service, 'src', `${service}.module.ts`)) || service === '')
    throw new UsageError(`No such service: ${service}. Add it with npm run new -- service ${service || '<name>'}.`);
  addFeature(changes, root, service, nameIn(name), Date.now());
}

function nameIn(text: string): string {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text) && text.length <= 40) return text;
  throw new UsageError(`Not a name: ${text}. Use lower case, digits, and single hyphens, such as usage-record.`);
}

function run(root: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`);
}
