import { scrubbed } from './scrubbed';

export interface Finding {
  /** `absent`: what the check needs was not given, so it did not run. */
  readonly status: 'ok' | 'problem' | 'absent';
  /** What was seen. Holds no secret. */
  readonly seen: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<Finding>;
}

export type Result = Finding & { readonly check: string };

const timeoutMs = 10_000;

export const ok = (seen: string): Finding => ({ status: 'ok', seen, remedy: '' });
export const problem = (seen: string, remedy: string): Finding => ({ status: 'problem', seen, remedy });
export const absent = (variable: string): Finding => ({
  status: 'absent',
  seen: 'not checked',
  remedy: `Set ${variable} to check this.`,
});

/** Runs all checks at once. A check that fails or hangs is a problem, and keeps no other from running. */
export function runChecks(checks: readonly Check[], limitMs = timeoutMs): Promise<Result[]> {
  return Promise.all(checks.map(async ({ name, run }) => ({ check: name, ...(await limited(run, limitMs)) })));
}

async function limited(run: () => Promise<Finding>, limitMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve(problem(`no response within ${limitMs / 1_000} s`, 'Check the URL, the network, and the server.')),
      limitMs,
    );
  });
  try {
    return await Promise.race([run().catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(error: unknown): Finding {
  return problem(scrubbed(error), 'Check the URL, the credentials, and the server.');
}
