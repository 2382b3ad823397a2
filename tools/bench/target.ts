import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '#libs/command';
import { localFolder } from '#libs/local';
import { readRecord } from '../suite/run-state';
import { Suite } from '../suite/suite';
import type { NamedProcess } from './process-usage';

/** The suite under load. */
export interface Target {
  /** The gateway's origin. */
  readonly api: string;
  /** The mail catcher's origin. */
  readonly mail: string;
  /** Auth's database, for the bare server. */
  readonly databaseUrl: string;
  /** The services, PostgreSQL and Redis. Empty if they run where they can't be measured. */
  readonly processes: readonly NamedProcess[];
  readonly authMetricsUrl: string | undefined;
  /** From a finished build to healthy, with a new database. Undefined if the suite was already running. */
  readonly startedInSeconds: number | undefined;
}

/** A benchmark sends hundreds of requests from one IP address for one account. */
const environment = { RATE_LIMIT_FACTOR: '1000000' };

/** A separate suite with its own folder and ports, beside anything else that runs. */
export class OwnSuite {
  private folder: string | undefined;
  private suite: Suite | undefined;

  async start(say: (line: string) => void): Promise<Target> {
    const folder = (this.folder = mkdtempSync(join(tmpdir(), 'groundwork-bench-')));
    // As root, PostgreSQL runs under another account, which needs access.
    chmodSync(folder, 0o711);
    const startedAt = performance.now();
    this.suite = await Suite.claim({ folder, replicas: 1, environment, say });
    await this.suite.start();
    const startedInSeconds = (performance.now() - startedAt) / 1_000;
    const { urls, processes, managementPorts } = this.suite;
    return {
      api: urls.api,
      mail: urls.mail ?? '',
      databaseUrl: urls.databases.get('auth')?.serviceUrl ?? '',
      processes: withoutMail(processes),
      authMetricsUrl: `http://127.0.0.1:${managementPorts.get('auth')}/metrics`,
      startedInSeconds,
    };
  }

  async stop(): Promise<void> {
    await this.suite?.stop();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}

const addresses = z.object({ API_URL: z.url(), MAIL_URL: z.url(), DATABASE_URL_AUTH: z.url() });

/**
 * Returns the suite that API_URL names.
 * @throws UsageError if its other URLs are missing
 */
export function runningSuite(env: NodeJS.ProcessEnv): Target {
  const { data } = addresses.safeParse(env);
  if (data === undefined) {
    throw new UsageError(
      'With API_URL, set MAIL_URL and DATABASE_URL_AUTH too. For a suite that npm start runs: set -a; . .local/env; set +a',
    );
  }
  const { url, processes } = readRecord(localFolder);
  return {
    api: data.API_URL.replace(/\/$/, ''),
    mail: data.MAIL_URL.replace(/\/$/, ''),
    databaseUrl: data.DATABASE_URL_AUTH,
    processes: url === data.API_URL ? withoutMail(processes) : [],
    authMetricsUrl: undefined,
    startedInSeconds: undefined,
  };
}

/** The mail catcher stands in for an external server. */
function withoutMail(processes: readonly NamedProcess[]): NamedProcess[] {
  return processes.filter(({ name }) => name !== 'mail').map(({ name, pid }) => ({ name, pid }));
}
