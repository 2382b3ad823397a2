import { join } from 'node:path';
import { errorCatalogue } from '#libs/contracts';
import { root } from '#libs/local';
import { callers } from './callers';
import { expected } from './expectation';
import { refusals, type Outcome, type Refusal } from './outcome';
import { nameOf, type Policy } from './policy';
import { areas, type Area } from './routes';

export const pageFile = join(root, 'docs', 'access-matrix.md');

/** The maximum number of callers named in a column's head. */
const longestHead = 5;

/** A cell has space for one word. */
const words: Readonly<Record<Refusal, string>> = {
  unauthenticated: '401',
  account_suspended: 'suspended',
  csrf_failed: 'csrf',
  insufficient_scope: 'scope',
  staff_mfa_required: 'factor',
  impersonation_read_only: 'acting',
  reauthentication_required: 'step-up',
  not_found: '404',
  organization_suspended: 'closed',
  permission_denied: 'role',
};

const introduction = `
# Access matrix

Who may call which route of the API, and how everybody else is refused. \`npm run access-matrix\` writes this page from the
policies in \`tools/access-matrix/routes.ts\`, which are declared by hand and apart from the code that enforces them.

\`test/e2e/access-matrix.spec.ts\` calls every route as every caller, on a running suite, and compares each answer with its
cell here; \`test/access-layers.spec.ts\` holds the gateway and the services to it each by itself. A route of the OpenAPI
document without a policy, a policy without a route, and a page that is out of date fail the tests. No route and no caller
is excepted. \`tools/access-matrix/strength.spec.ts\` holds that the callers would tell any other policy from the declared one, and
\`npm run mutation:access\` makes errors in the guards, the contracts and the policies, each of which the tests have to notice.
To add a route, add its policy and a request to it (\`tools/access-matrix/samples.ts\`).`;

const policyNames = `
A policy reads: **anyone**, with or without credentials; a **session** that the
request names, even one that has ended; a **person** who is signed in, where **own** means that the path
names something of theirs; a **member** of the organization that the path names, with the permission that their role must
allow; the platform's **staff**, signed in with two factors. **even suspended**: while the
organization is suspended, too; **recent**: they proved who they are in the last ten minutes;
**themselves**: staff who act as the person may not, as with all that is recent; elsewhere they may look, and change things
with write access. **key**: the scope by which an API key is let in, too;
without it none is.`;

/** The page in Markdown, as the formatter writes it. */
export async function accessMatrixPage(): Promise<string> {
  const { format } = await import('oxfmt');
  const parts = [introduction, callersPart(), refusalsPart(), '## Policies', policyNames, ...areas.map(areaPart)];
  const { code } = await format('access-matrix.md', parts.join('\n\n'));
  return code;
}

function callersPart(): string {
  const rows = callers.map(({ name, who }) => [name, who]);
  return `## Callers\n\n${table(['caller', 'who it is'], rows)}`;
}

function refusalsPart(): string {
  const rows = refusals.map((code) => [
    words[code],
    `${errorCatalogue[code].status} \`${code}\``,
    errorCatalogue[code].title,
  ]);
  const all = [['✓', 'any other', 'Let in; whether the act then succeeds is another matter'], ...rows];
  return `## Answers\n\n${table(['cell', 'answer', 'says'], all)}`;
}

interface Column {
  readonly names: string[];
  readonly cells: readonly string[];
}

function areaPart({ title, policies }: Area): string {
  const routes = Object.entries(policies);
  const columns = columnsOf(routes);
  const rows = routes.map(([route, policy], index) => [
    `\`${route.replace(' /api/v1/', ' /')}\``,
    nameOf(policy),
    ...columns.map(({ cells }) => cells[index] ?? ''),
  ]);
  return `## ${title}\n\n${table(['route', 'policy', ...headsOf(columns)], rows)}`;
}

/** Callers with equal columns share one. */
function columnsOf(routes: readonly [string, Policy][]): Column[] {
  const columns = new Map<string, Column>();
  for (const caller of callers) {
    const cells = routes.map(([route, policy]) => cell(expected(policy, { route, caller })));
    const column = columns.get(cells.join()) ?? { names: [], cells };
    column.names.push(caller.name);
    columns.set(cells.join(), column);
  }
  return [...columns.values()];
}

function headsOf(columns: readonly Column[]): string[] {
  const most = Math.max(...columns.map(({ names }) => names.length));
  const rest = columns.findIndex(({ names }) => names.length === most && most > longestHead);
  const others = columns.length === 1 ? 'everybody' : 'everybody else';
  return columns.map(({ names }, index) => (index === rest ? others : names.join('<br>')));
}

function cell(outcome: Outcome): string {
  return outcome === 'admitted' ? '✓' : words[outcome];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}
