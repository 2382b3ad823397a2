import type { getSigningKeys, ResponseInput } from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { logger } from '#libs/observability';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { DataSource } from 'typeorm';
import { ensureSigningKey, liveKeys, type StoredKey } from './signing-keys.table';

type KeySet = ResponseInput<typeof getSigningKeys>;

/** A key is published two minutes before it signs: four readings may fail. */
const readEveryMs = 30_000;

interface UsableKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** By this process's monotonic clock, so that replicas switch together whatever their clocks show. */
  readonly signsAtMs: number;
}

/** The keys of access tokens, in memory: a token is signed without a query, and by the new key from its time on. */
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

  /** One that cannot be opened is left out, so the one of before goes on signing: it stays published for a while. */
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

  /** The first failure tells: the same every half a minute would say no more. */
  private complain(error: unknown): void {
    if (!this.isComplaining)
      logger().warn({ error }, 'signing keys could not be read; those known before go on signing');
    this.isComplaining = true;
  }
}
