import { counter, logger } from '#libs/observability';
import { readUtf8 } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import { AuthConfig } from '../../config';

const timeoutMs = 1_000;
/** With padding, a response has 800 to 1,000 lines of about 40 bytes. */
const longestAnswerBytes = 200_000;
/** Each holds a socket and a response. */
const mostAtOnce = 32;
const warningPauseMs = 60_000;
const prefixLength = 5;

const checks = counter(
  'breached_password_checks_total',
  'New passwords that were looked up among leaked ones. outcome: clean, breached, failed (and let pass).',
  ['outcome'],
);

/**
 * Checks passwords with a range service like Have I Been Pwned's. Only 5 of the 40 hex digits of the SHA-1 are
 * sent, and the response lists the rest of all breached hashes with that prefix
 * (https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange). If the service is down, passwords pass.
 */
@Injectable()
export class BreachedPasswords {
  private readonly url: string | null;
  private running = 0;
  private warnedAt = -Infinity;

  constructor({ breachedPasswordsUrl }: AuthConfig) {
    this.url = breachedPasswordsUrl;
  }

  async includes(password: string): Promise<boolean> {
    if (this.url === null) return false;
    this.running += 1;
    try {
      if (this.running > mostAtOnce) throw new Error(`More than ${mostAtOnce} at once.`);
      const isBreached = await lookUp(this.url, password);
      checks.inc({ outcome: isBreached ? 'breached' : 'clean' });
      return isBreached;
    } catch (error) {
      checks.inc({ outcome: 'failed' });
      this.warn(error);
      return false;
    } finally {
      this.running -= 1;
    }
  }

  private warn(error: unknown): void {
    const now = performance.now();
    if (now - this.warnedAt < warningPauseMs) return;
    this.warnedAt = now;
    logger().warn({ error }, 'leaked passwords cannot be looked up, so new ones pass unchecked');
  }
}

async function lookUp(url: string, password: string): Promise<boolean> {
  const digest = hash('sha1', password, 'hex').toUpperCase();
  const response = await fetch(url + digest.slice(0, prefixLength), {
    // Padding hides the requested range from someone who sees the size of the response.
    headers: { 'add-padding': 'true', 'user-agent': 'groundwork' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The range service answered ${response.status}.`);
  }
  return countOf(digest.slice(prefixLength), await readUtf8(response.body, longestAnswerBytes)) > 0;
}

/** How often the password was seen. Padding entries have a count of 0. */
function countOf(suffix: string, answer: string): number {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  const entries = lines.map((line) => /^([0-9A-F]{35}):(\d{1,15})$/i.exec(line));
  if (entries.includes(null)) throw new Error('The range service answered something else than a range.');
  const found = entries.find((entry) => entry?.[1]?.toUpperCase() === suffix);
  return Number(found?.[2] ?? 0);
}
