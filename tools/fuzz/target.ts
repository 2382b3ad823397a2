import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startSuite } from '../suite/suite';

/** The suite to fuzz. */
export interface Target {
  readonly api: string;
  /** Callers are created here, as the owner of the tables. */
  readonly authDatabase: string;
  /** What the services have logged as errors so far. */
  readonly errors: readonly LoggedError[];
  stop(): Promise<void>;
}

export interface LoggedError {
  /** Without the parts that differ between occurrences. */
  readonly kind: string;
  readonly line: string;
}

const text = z.string().optional();
const jsonText = z.string().transform((line, context): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    context.addIssue('This is not JSON.');
    return z.NEVER;
  }
});
const logLine = jsonText.pipe(
  z.object({
    level: z.enum(['error', 'fatal']),
    msg: text,
    job: text,
    contract: text,
    error: z.object({ type: text, message: text }).optional(),
  }),
);

export async function startTarget(say: (line: string) => void): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-fuzz-'));
  // When this runs as root, PostgreSQL runs under another account, which needs access.
  chmodSync(folder, 0o711);
  const errors: LoggedError[] = [];
  const onOutput = (name: string, line: string) => errors.push(...errorsIn(name, line));
  const environment = { RATE_LIMIT_FACTOR: '1000000' };
  const suite = await startSuite({ folder, replicas: 1, disposable: true, environment, say, onOutput });
  const stop = async () => {
    await suite.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { api: suite.urls.api, authDatabase: suite.urls.databases.get('auth')?.ownerUrl ?? '', errors, stop };
}

function errorsIn(name: string, line: string): LoggedError[] {
  // A process that crashes writes plain text.
  if (/^\s*(?:Uncaught|\w*Error:|node:)/.test(line)) return [{ kind: line, line }];
  const { data } = logLine.safeParse(line);
  if (data === undefined) return [];
  const { msg, job, contract, error } = data;
  const parts = [name, msg, job, contract, error?.type, error?.message].filter((part) => part !== undefined);
  return [{ kind: parts.join(' · '), line: `${name}: ${line}` }];
}
