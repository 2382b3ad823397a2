import { accessTokenAlgorithm, getSigningKeys, ProblemError, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { importJWK, type CryptoKey } from 'jose';

type SigningKeySet = ResponseOf<typeof getSigningKeys>;

/**
 * Asked again this often whether or not a request comes, so that new keys are known before they sign, and withdrawn ones are
 * forgotten within a minute, two failures included.
 */
const refetchMs = 20_000;
/** Unknown key ids are free to invent: they make us ask no more often than this. */
const minimumPauseMs = 1_000;

/** The keys that access tokens are verified with, fetched from auth and kept; a refetch is shared by all who wait for it. */
@Injectable()
export class SigningKeys implements OnModuleInit, OnModuleDestroy {
  private keySet: SigningKeySet = { keys: [] };
  private keys = new Map<string, CryptoKey>();
  private attemptedAt = -Infinity;
  private pending: Promise<void> | undefined;
  private forget: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly rpc: RpcClient) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.fetch().catch(() => undefined), refetchMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Calls back when a key is withdrawn: what it signed is no longer to be believed. */
  onWithdrawal(forget: () => void): void {
    this.forget = forget;
  }

  async published(): Promise<SigningKeySet> {
    if (this.keys.size === 0) await this.fetch();
    return this.keySet;
  }

  /** @throws ProblemError service_unavailable when no key could be fetched yet. */
  async find(kid: string): Promise<CryptoKey | undefined> {
    const known = this.keys.get(kid);
    if (known !== undefined) return known;
    if (this.pending !== undefined || this.mayAsk()) await this.fetch();
    if (this.keys.size === 0) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
    return this.keys.get(kid);
  }

  private mayAsk(): boolean {
    return performance.now() - this.attemptedAt > minimumPauseMs;
  }

  private fetch(): Promise<void> {
    this.pending ??= this.replace().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async replace(): Promise<void> {
    this.attemptedAt = performance.now();
    const keySet = await this.rpc.call(getSigningKeys, {}).catch((cause: unknown) => {
      throw new ProblemError('service_unavailable', { retryAfterSeconds: 1, cause });
    });
    const keys = new Map<string, CryptoKey>();
    for (const jwk of keySet.keys) {
      const key = await importJWK(jwk, accessTokenAlgorithm);
      if (!(key instanceof Uint8Array)) keys.set(jwk.kid, key);
    }
    const withdrawn = [...this.keys.keys()].some((kid) => !keys.has(kid));
    this.keySet = keySet;
    this.keys = keys;
    if (withdrawn) this.forget();
  }
}
