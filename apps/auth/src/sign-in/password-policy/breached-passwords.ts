import { counter, logger } from '#libs/observability';
import { readUtf8 } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import { AuthConfig } from '../../config';

const timeoutMs = 1_000;
/** With padding an answer has 800 to 1,000 lines of some 40 bytes. */
const longestAnswerBytes = 200_000;
/** Each holds a socket and an answer. */
const mostAtOnce = 32;
const warningPauseMs = 60_000;
const prefixLength = 5;

const checks = counter(
  'breached_password_checks_total',
  'New passwords that were looked up among leaked ones. outcome: clean, breached, failed (and let pass).',
  ['outcome'],
);

/**
 * Asks a range service of Have I Been Pwned's form whether a password has leaked, by k-anonymity: five of the forty hex digits
 * of its SHA-1 are sent, and the answer lists the rest of every leaked one that begins so
 * (https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange). The service being away must not keep anybody from
 * choosing a password: then it passes.
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
    // Padding hides from who sees the length of the answer which range it was.
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

/** How often the password has been seen. Entries that are there for padding count 0. */
function countOf(suffix: string, answer: string): number {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  const entries = lines.map((line) => /^([0-9A-F]{35}):(\d{1,15})$/i.exec(line));
  if (entries.includes(null)) throw new Error('The range service answered something else than a range.');
  const found = entries.find((entry) => entry?.[1]?.toUpperCase() === suffix);
  return Number(found?.[2] ?? 0);
}
