import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { ProblemError } from '#libs/contracts';
import { argon2id, hash, verify } from 'argon2';

export interface PasswordHasherOptions {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly lanes: number;
  /**
   * How many hashes run at once. More than there are cores would not be faster but use more memory. libuv's
   * pool has 4 threads by default.
   */
  readonly concurrency: number;
  /** How many callers can wait for a slot. */
  readonly maxWaiting: number;
  /** Callers that waited longer are refused, because they have timed out by then. */
  readonly maxWaitMs: number;
}

export interface PasswordVerification {
  readonly matches: boolean;
  /** The password is right, but its hash does not have the current parameters. Store a new hash. */
  readonly needsRehash: boolean;
}

// OWASP Password Storage Cheat Sheet, Argon2id: m=19 MiB, t=2, p=1.
const owasp = { memoryKiB: 19_456, iterations: 2, lanes: 1 };
const saltBytes = 16;
const digestBytes = 32;
// Verifying a hash uses the memory that the hash names. A hash with more than this is not one of ours.
const limits = { memoryKiB: 262_144, iterations: 64, lanes: 64 };
const encodedForm =
  /^\$argon2id\$v=19\$(m=([1-9]\d{0,7}),t=([1-9]\d?),p=([1-9]\d?))\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Hashes passwords with Argon2id (RFC 9106) within limits: a flood of sign-ins is refused at once instead
 * of queueing without end.
 */
export class PasswordHasher {
  private readonly options: PasswordHasherOptions;
  private readonly nobody: string;
  private readonly waiting: { readonly since: number; readonly start: (refusal?: ProblemError) => void }[] = [];
  private running = 0;
  private run = 0;

  constructor(options: Partial<PasswordHasherOptions> = {}) {
    const concurrency = options.concurrency ?? availableParallelism();
    this.options = { ...owasp, concurrency, maxWaiting: concurrency * 64, maxWaitMs: 4_000, ...options };
    // No password matches it, because its digest is random.
    const [salt, digest] = [randomBytes(saltBytes), randomBytes(digestBytes)].map(unpaddedBase64);
    this.nobody = `$argon2id$v=19$${this.ownParameters()}$${salt}$${digest}`;
  }

  /** How many hashes and verifications have run so far. */
  get hashesRun(): number {
    return this.run;
  }

  /**
   * Returns a PHC string (`$argon2id$v=19$m=…`) with a random salt.
   * @throws ProblemError service_unavailable when too many callers are waiting
   */
  hash(password: string): Promise<string> {
    const { memoryKiB, iterations, lanes } = this.options;
    const parameters = { memoryCost: memoryKiB, timeCost: iterations, parallelism: lanes };
    return this.inTurn(() => hash(password, { type: argon2id, hashLength: digestBytes, ...parameters }));
  }

  /**
   * An unreadable hash, or null for an unknown account, never matches but takes as long as a wrong password,
   * so that the time reveals nothing.
   * @throws ProblemError service_unavailable when too many callers are waiting
   */
  async verify(encoded: string | null, password: string): Promise<PasswordVerification> {
    const parameters = encoded === null ? undefined : parametersOf(encoded);
    const stored = encoded === null || parameters === undefined ? this.nobody : encoded;
    const matches = await this.inTurn(() => verify(stored, password));
    return {
      matches: matches && parameters !== undefined,
      needsRehash: matches && parameters !== this.ownParameters(),
    };
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      this.run++;
      return await work();
    } finally {
      this.running--;
      this.startNext();
    }
  }

  private turn(): Promise<void> {
    if (this.running < this.options.concurrency) {
      this.running++;
      return Promise.resolve();
    }
    if (this.waiting.length >= this.options.maxWaiting) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const start = (refusal?: ProblemError) => (refusal === undefined ? resolve() : reject(refusal));
      this.waiting.push({ since: performance.now(), start });
    });
  }

  private startNext(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (performance.now() - next.since <= this.options.maxWaitMs) {
        this.running++;
        next.start();
        return;
      }
      next.start(overloaded());
    }
  }

  private ownParameters(): string {
    const { memoryKiB, iterations, lanes } = this.options;
    return `m=${memoryKiB},t=${iterations},p=${lanes}`;
  }
}

/** Returns `m=…,t=…,p=…` of an Argon2id hash within our limits, and undefined for anything else. */
function parametersOf(encoded: string): string | undefined {
  const [, parameters, m, t, p, salt = '', digest = ''] = encodedForm.exec(encoded.slice(0, 512)) ?? [];
  const memoryKiB = Number(m);
  const lanes = Number(p);
  // RFC 9106 section 3.1 requires 8 KiB per lane, 8 bytes of salt and 4 of digest. A digest below 16 bytes
  // is too weak for passwords.
  const inRange =
    memoryKiB >= 8 * lanes && memoryKiB <= limits.memoryKiB && Number(t) <= limits.iterations && lanes <= limits.lanes;
  return inRange && encodesBytes(salt, 8, 64) && encodesBytes(digest, 16, 128) ? parameters : undefined;
}

/** Returns true for the canonical unpadded base64 encoding of that many bytes. */
function encodesBytes(text: string, min: number, max: number): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= min && bytes.length <= max && unpaddedBase64(bytes) === text;
}

function unpaddedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function overloaded(): ProblemError {
  return new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
}
