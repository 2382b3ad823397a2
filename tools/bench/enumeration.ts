// Measures whether response times reveal that an email address has an account: `npm run
// bench:enumeration`.
import { styleText } from 'node:util';
import { randomUUID } from 'node:crypto';
import { alignedTable } from '#libs/command';
import { Account } from './account';
import { publish } from './publish';
import { kolmogorovSmirnov, median, percentile } from './statistics';
import { OwnSuite, type Target } from './target';

/** Of each kind for each route, alternating, so that a slow moment of the machine affects both. */
const pairs = 300;
const warmUps = 30;

interface Route {
  readonly title: string;
  readonly path: string;
  readonly body: (email: string) => object;
}

const password = 'not the password of anybody';
const routes: readonly Route[] = [
  { title: 'POST /auth/login, wrong password', path: '/auth/login', body: (email) => ({ email, password }) },
  { title: 'POST /auth/register', path: '/auth/register', body: (email) => ({ email, password, name: 'Ada' }) },
  { title: 'POST /auth/verify-email/resend', path: '/auth/verify-email/resend', body: (email) => ({ email }) },
  { title: 'POST /auth/password/forgot', path: '/auth/password/forgot', body: (email) => ({ email }) },
  { title: 'POST /auth/magic-link', path: '/auth/magic-link', body: (email) => ({ email }) },
];

async function main(): Promise<void> {
  const own = new OwnSuite();
  try {
    const target = await own.start(say);
    const account = await Account.create(target);
    const rows: string[][] = [];
    for (const route of routes) {
      say(`${route.title}: ${pairs} times each …`);
      rows.push(await compare(target, account, route));
    }
    const head = ['route', 'known p50 ms', 'unknown p50 ms', 'known p95', 'unknown p95', 'KS D', 'D at 1 %', ''];
    const foot =
      'The two-sample Kolmogorov-Smirnov statistic: above the last figure, the two distributions differ (p < 0.01).';
    publish('enumeration', `${alignedTable([head, ...rows], [1, 2, 3, 4, 5, 6])}\n\n${foot}`);
  } finally {
    await own.stop();
  }
}

async function compare(target: Target, account: Account, route: Route): Promise<string[]> {
  // A new email address each time, because repeated failures are delayed on purpose.
  const known = (await account.clones(pairs + warmUps)).map(({ email }) => email);
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  for (const [index, email] of known.entries()) {
    const order = index % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const kind of order) {
      const took = await timed(target, route, kind === 'known' ? email : `${randomUUID()}@example.com`);
      if (index >= warmUps) times[kind].push(took);
    }
  }
  const { statistic, critical } = kolmogorovSmirnov(times.known, times.unknown);
  const verdict = statistic <= critical ? 'alike' : 'DIFFERENT';
  if (statistic > critical) process.exitCode = 1;
  const [knownP95, unknownP95] = [p95(times.known), p95(times.unknown)];
  const figures = [median(times.known), median(times.unknown), knownP95, unknownP95].map((ms) => ms.toFixed(2));
  return [route.title, ...figures, statistic.toFixed(3), critical.toFixed(3), verdict];
}

async function timed({ api }: Target, { path, body }: Route, email: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${api}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body(email)),
    signal: AbortSignal.timeout(15_000),
  });
  await response.arrayBuffer();
  const took = performance.now() - startedAt;
  if (response.status >= 429) throw new Error(`POST ${path} answered ${response.status}.`);
  return took;
}

function p95(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.95);
}

function say(line: string): void {
  console.log(styleText('dim', line));
}

void main();
