import { styleText } from 'node:util';
import { PasswordHasher } from '#libs/encryption';
import { availableParallelism, cpus } from 'node:os';
import { createDataSource } from '#libs/database';
import { UsageError } from '#libs/command';
import { verifyAuditLog } from '#libs/audit';
import { publish, writeReport } from '../bench/publish';
import { loadRows } from './loader';
import { allCases, isKept, largeTables, measure, tableSizes, type Result } from './measure';
import { help, readDataOptions, type DataOptions } from './options';
import { tellPlans } from './recorder';
import { report } from './report';
import { startServers, type BenchServers } from './servers';
import { MeasuredAuth } from './service';
import { subjectsOf, type Subjects } from './subjects';

const password = 'a very good password';

async function main(args: readonly string[]): Promise<void> {
  const options = readDataOptions(args);
  if (options === undefined) return console.log(help);
  const servers = await startServers(dimmed);
  const interrupted = () => void servers.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await load(servers, options);
    const results = await measureAll(servers, options);
    const sizes = await tableSizes(servers.adminUrl);
    const head = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`;
    publish('data', `${head}\n\n${report(results, sizes)}`);
    if (options.json !== undefined)
      writeReport(options.json, JSON.stringify({ scale: options.scale, sizes: [...sizes], results }, undefined, 2));
    process.exitCode = results.every(isKept) ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

async function load({ adminUrl }: BenchServers, { scale }: DataOptions): Promise<void> {
  const startedAt = performance.now();
  const passed = () => `${Math.round((performance.now() - startedAt) / 1_000)} s`.padStart(6);
  const passwordHash = await new PasswordHasher().hash(password);
  await loadRows(adminUrl, scale, passwordHash, (step) => dimmed(`${passed()}  ${step}`));
  dimmed(`${passed()}  loaded`);
}

async function measureAll(servers: BenchServers, { samples }: DataOptions): Promise<Result[]> {
  const { adminUrl, serviceUrl, redisUrl, folder } = servers;
  const subjects = await subjectsOf(adminUrl, samples);
  await verifyChains(serviceUrl, subjects);
  const large = await largeTables(adminUrl);
  await tellPlans(adminUrl);
  const auth = await MeasuredAuth.start(serviceUrl, redisUrl, folder);
  try {
    const results: Result[] = [];
    for (const one of await allCases({ auth, subjects, deepest: 100 }, password)) {
      dimmed(one.title);
      results.push(await measure(one, samples, large));
    }
    return results;
  } finally {
    await auth.close();
  }
}

/**
 * Recomputes each entry of the platform's chain, the largest chain and some others, because valid chains
 * prove that the rows are real.
 */
async function verifyChains(url: string, { largest, tenants }: Subjects): Promise<void> {
  const source = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
  try {
    const organizations = [largest, ...tenants.slice(0, 20)].map(({ id }) => ({ organizationId: id }));
    let verified = 0;
    for (const scope of ['platform' as const, ...organizations]) {
      const { counts, broken } = await verifyAuditLog(source, scope);
      if (broken.length > 0 || counts.entries === 0)
        throw new Error(`A chain is not valid: ${broken[0]?.reason ?? 'empty'}.`);
      verified += counts.entries;
    }
    dimmed(`${verified} entries of ${organizations.length + 1} audit chains verified`);
  } finally {
    await source.destroy();
  }
}

function dimmed(line: string): void {
  console.log(styleText('dim', line));
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    console.error(styleText('red', error instanceof Error ? error.message : String(error)));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  })
  // A service that failed to start would retry forever.
  .finally(() => process.exit());
