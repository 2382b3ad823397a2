import { accessTokenAlgorithm, getSigningKeys, ProblemError, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { importJWK, type CryptoKey } from 'jose';

type SigningKeySet = ResponseOf<typeof getSigningKeys>;

/**
 * The interval of refetching, even without requests. New keys are known before they sign, and withdrawn
 * keys are forgotten within a minute, even after two failures.
 */
const refetchMs = 20_000;
/** Anyone can invent key ids, so unknown ones cause a fetch at most this often. */
const minimumPauseMs = 1_000;

/** The keys that verify access tokens, fetched from the auth service and cached. Concurrent requests share a fetch. */
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

  /** Calls `forget` when a key is withdrawn, because its tokens are no longer valid. */
  onWithdrawal(forget: () => void): void {
    this.forget = forget;
  }

  async published(): Promise<SigningKeySet> {
    if (this.keys.size === 0) await this.fetch();
    return this.keySet;
  }

  /** @throws ProblemError service_unavailable if no key could be fetched yet */
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
