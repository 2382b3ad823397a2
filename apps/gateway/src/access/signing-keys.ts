import { accessTokenAlgorithm, getSigningKeys, ProblemError, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Injectable } from '@nestjs/common';
import { importJWK, type CryptoKey } from 'jose';

type SigningKeySet = ResponseOf<typeof getSigningKeys>;

/** Asked again this often, so that new keys are known before they sign and withdrawn ones are forgotten. */
const maximumAgeMs = 60_000;
/** Unknown key ids are free to invent: they make us ask no more often than this. */
const minimumPauseMs = 1_000;

/** The keys that access tokens are verified with, fetched from auth and kept; a refetch is shared by all who wait for it. */
@Injectable()
export class SigningKeys {
  private keySet: SigningKeySet = { keys: [] };
  private keys = new Map<string, CryptoKey>();
  private fetchedAt = -Infinity;
  private attemptedAt = -Infinity;
  private pending: Promise<void> | undefined;
  private forget: () => void = () => undefined;

  constructor(private readonly rpc: RpcClient) {}

  /** Calls back when a key is withdrawn: what it signed is no longer to be believed. */
  onWithdrawal(forget: () => void): void {
    this.forget = forget;
  }

  async published(): Promise<SigningKeySet> {
    if (this.isOlderThan(maximumAgeMs)) await this.fetch();
    return this.keySet;
  }

  /** @throws ProblemError service_unavailable when no key could be fetched yet. */
  async find(kid: string): Promise<CryptoKey | undefined> {
    const known = this.keys.get(kid);
    if (known !== undefined) {
      if (this.isOlderThan(maximumAgeMs) && this.mayAsk()) void this.fetch().catch(() => undefined);
      return known;
    }
    if (this.pending !== undefined || this.mayAsk()) await this.fetch();
    if (this.keys.size === 0) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
    return this.keys.get(kid);
  }

  private isOlderThan(milliseconds: number): boolean {
    return performance.now() - this.fetchedAt > milliseconds;
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
    this.fetchedAt = performance.now();
    if (withdrawn) this.forget();
  }
}
