import type { getSigningKeys, ResponseInput } from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { logger } from '#libs/observability';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { DataSource } from 'typeorm';
import { ensureSigningKey, liveKeys, type StoredKey } from './signing-keys.table';

type KeySet = ResponseInput<typeof getSigningKeys>;

/** A key is published two minutes before it signs, so four reads can fail. */
const readEveryMs = 30_000;

interface UsableKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** On this process's monotonic clock, so that replicas switch together even if their clocks differ. */
  readonly signsAtMs: number;
}

/** The signing keys in memory. Signing a token takes no query. */
@Injectable()
export class SigningKeyService implements OnModuleInit, OnModuleDestroy {
  private keys: readonly UsableKey[] = [];
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private isComplaining = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
  ) {}

  async onModuleInit(): Promise<void> {
    await ensureSigningKey(this.dataSource, this.fernet);
    this.adopt(await liveKeys(this.dataSource.manager));
    this.current();
    this.timer = setInterval(() => {
      this.reading = this.reread();
    }, readEveryMs).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.reading;
  }

  current(): UsableKey {
    const now = performance.now();
    const key = this.keys.find(({ signsAtMs }) => signsAtMs <= now);
    if (key !== undefined) return key;
    throw new Error('There is no signing key that FIELD_ENCRYPTION_KEY opens and whose time has come.');
  }

  async published(): Promise<KeySet> {
    const keys = await liveKeys(this.dataSource.manager);
    this.adopt(keys);
    return {
      keys: keys.map(({ kid, publicKey }) => ({
        kid,
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        x: publicKey,
      })),
    };
  }

  private async reread(): Promise<void> {
    try {
      this.adopt(await liveKeys(this.dataSource.manager));
    } catch (error) {
      this.complain(error);
    }
  }

  /**
   * Skips a key that cannot be decrypted. The previous key then keeps signing, because it stays published for a
   * while.
   */
  private adopt(stored: readonly StoredKey[]): void {
    const readAtMs = performance.now();
    const keys: UsableKey[] = [];
    for (const { kid, privateKey, signsInMs } of stored) {
      try {
        const known = this.keys.find((key) => key.kid === kid);
        const opened = known?.privateKey ?? createPrivateKey(this.fernet.decrypt(privateKey));
        keys.push({ kid, privateKey: opened, signsAtMs: readAtMs + signsInMs });
      } catch (error) {
        this.complain(error);
      }
    }
    if (keys.length === stored.length) this.isComplaining = false;
    this.keys = keys;
  }

  /** Logs only the first failure, because the next ones say the same. */
  private complain(error: unknown): void {
    if (!this.isComplaining)
      logger().warn({ error }, 'signing keys could not be read; those known before go on signing');
    this.isComplaining = true;
  }
}
