import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '#libs/config';
import { root } from '#libs/local';
import { service as auth } from '../../apps/auth/src/index';
import { service as billing } from '../../apps/billing/src/index';
import { service as gateway } from '../../apps/gateway/src/index';
import { service as notification } from '../../apps/notification/src/index';

export const pageFile = join(root, 'docs', 'variables.md');

export const services = [gateway, auth, billing, notification];

const introduction = `
# Variables

Every environment variable that the services read. \`npm run variables\` writes this page from the code.

A **secret** can come from a file instead: set \`CSRF_SECRET_FILE\` to its path, and don't set \`CSRF_SECRET\`. **Required** means
that the service doesn't start without the variable in production. Where the images set another default, it is in parentheses.
A bad value ends the process with one line that names the variable. An empty variable counts as not set.

Operator commands have variables of their own. See \`npm run migrate -- --help\`, and the help of the others in
[commands](commands.md).`;

/** The page in Markdown, as the formatter writes it. */
export async function variablesPage(): Promise<string> {
  const { format } = await import('oxfmt');
  const inAll = namesInEach();
  const parts = [
    introduction,
    section(
      'Every service',
      billing.settings.filter(({ name }) => inAll.has(name)),
    ),
    ...services.flatMap(({ name, settings }) => {
      const own = settings.filter((setting) => !inAll.has(setting.name));
      return own.length === 0 ? [] : [section(name, own)];
    }),
  ];
  const { code } = await format('variables.md', parts.join('\n\n'));
  return code;
}

function namesInEach(): ReadonlySet<string> {
  const names = services.map(({ variables }) => variables);
  return new Set(names.flat().filter((name) => names.every((own) => own.includes(name))));
}

function section(title: string, settings: readonly Setting[]): string {
  const rows = settings.map((setting) =>
    [`\`${setting.name}\``, defaultCell(setting), setting.isSecret ? 'secret' : '', setting.meaning].join(' | '),
  );
  return `## ${title}\n\n| variable | default | | what it does |\n|---|---|---|---|\n${rows.map((row) => `| ${row} |`).join('\n')}`;
}

function defaultCell({ name, default: value, isRequired }: Setting): string {
  const inImages = imageDefaults.get(name);
  const own = value === undefined ? '' : `\`${value}\``;
  if (isRequired) return 'required';
  return inImages === undefined || inImages === value ? own : `${own} (\`${inImages}\`)`;
}

/** What the Dockerfile sets for every service. The version differs in each image. */
const imageDefaults = new Map(
  [...readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^(?:ENV | {4})(\w+)=([^\s\\$]+)/gm)].map(
    ([, name = '', value = '']) => [name, value],
  ),
);
