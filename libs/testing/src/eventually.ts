import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 20 s. Only failures take that long, and a busy machine may need it. */
  readonly timeoutMs?: number;
  /** Names the condition in the error. */
  readonly describe?: string;
}

/**
 * Waits until `check` neither throws nor returns `false`, `null` or `undefined`, and returns its value.
 * After the timeout the error's cause is the last failure, so an `expect` in the check shows what was
 * missing.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 20_000, describe = 'the condition' }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    const { value, failure } = await attempt(check);
    if (isPresent(value)) return value;
    if (Date.now() >= deadline) {
      const last = failure instanceof Error ? ` Last: ${failure.message}` : '';
      throw new Error(`Waited ${timeoutMs} ms for ${describe} in vain.${last}`, { cause: failure });
    }
    await delay(pauseMs);
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<{ value?: T; failure?: unknown }> {
  try {
    return { value: await check() };
  } catch (failure) {
    return { failure };
  }
}

function isPresent<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== undefined && value !== null && value !== false;
}
