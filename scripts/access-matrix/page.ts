import { join } from 'node:path';
import { errorCatalogue } from '#libs/contracts';
import { root } from '../local/paths';
import { callers } from './callers';
import { expected } from './expectation';
import { refusals, type Outcome, type Refusal } from './outcome';
import { meaningOf, type Policy } from './policy';
import { areas } from './routes';

export const pageFile = join(root, 'docs', 'access-matrix.md');

/** A cell has room for a word. */
const words: Readonly<Record<Refusal, string>> = {
  unauthenticated: '401',
  insufficient_scope: 'scope',
  csrf_failed: 'csrf',
  reauthentication_required: 'step-up',
  not_found: '404',
};

const introduction = `
# Access matrix

Who may call which route of the API, and how everybody else is refused. \`npm run access-matrix\` writes this page from the
policies in \`scripts/access-matrix/routes.ts\`, which are declared by hand and apart from the code that enforces them.

\`test/e2e/access-matrix.spec.ts\` calls every route as every caller, on a running suite, and compares each answer with its
cell here. A route of the OpenAPI document without a policy, a policy without a route, and a page that is out of date fail
the tests. No route and no caller is excepted.`;

/** The page, in Markdown as Prettier leaves it. */
export async function accessMatrixPage(): Promise<string> {
  const { format, resolveConfig } = await import('prettier');
  const parts = [introduction, refusalsPart(), callersPart(), policiesPart(), ...areas.map(areaPart)];
  return format(parts.join('\n\n'), { ...(await resolveConfig(pageFile)), parser: 'markdown' });
}

function refusalsPart(): string {
  const rows = refusals.map((code) => [
    words[code],
    `${errorCatalogue[code].status} \`${code}\``,
    errorCatalogue[code].title,
  ]);
  return `## Answers\n\n\`✓\` is let in; whether the act then succeeds is another matter.\n\n${table(['cell', 'answer', 'says'], rows)}`;
}

function callersPart(): string {
  const rows = callers.map(({ name, who }) => [name, who]);
  return `## Callers\n\n${table(['caller', 'who it is'], rows)}`;
}

function policiesPart(): string {
  const all = new Map<string, Policy>();
  for (const { policies } of areas) for (const policy of Object.values(policies)) all.set(policy.name, policy);
  const rows = [...all.values()].map((policy) => [policy.name, meaningOf(policy)]);
  return `## Policies\n\n${table(['policy', 'lets in'], rows)}`;
}

function areaPart({ title, policies }: (typeof areas)[number]): string {
  const rows = Object.entries(policies).map(([route, policy]) => [
    `\`${route.replace(' /api/v1/', ' /')}\``,
    policy.name,
    ...callers.map((caller) => cell(expected(policy, { route, caller }))),
  ]);
  return `## ${title}\n\n${table(['route', 'policy', ...callers.map(({ name }) => name)], rows)}`;
}

function cell(outcome: Outcome): string {
  return outcome === 'admitted' ? '✓' : words[outcome];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}
