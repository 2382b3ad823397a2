import { ProblemError, verifyApiKey, type ApiKeyActor, type ResponseOf } from '#libs/contracts';
import { hashToken, looksLikeApiKey } from '#libs/encryption';
import { RpcClient } from '#libs/rpc';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { WrongKeys } from './wrong-keys';

type VerifiedKey = ResponseOf<typeof verifyApiKey>;

/** A revoked key must be refused everywhere within a second, including the time of the call. */
const believedMs = 800;
const rememberedResults = 10_000;
/**
 * Anyone can invent keys with a valid checksum, and they must not block sign-ins. A replica of auth runs
 * 64 requests at once.
 */
const callsAtOnce = 32;

/** Verifies API keys through the auth service. A busy program causes about one call per second, not one per request. */
@Injectable()
export class ApiKeys {
  /**
   * By SHA-256 of the key, including pending calls, so that concurrent requests share them. The age counts
   * from the start of the call, because auth reads its database after that.
   */
  private readonly results = new LRUCache<string, Promise<VerifiedKey>>({ max: rememberedResults, ttl: believedMs });
  private calls = 0;

  constructor(
    private readonly rpc: RpcClient,
    private readonly wrongKeys: WrongKeys,
  ) {}

  /**
   * @param address the IP address that sent the key
   * @throws ProblemError unauthenticated, account_suspended, rate_limited, or service_unavailable if auth
   * does not reply
   */
  async actorOf(key: string, address: string): Promise<ApiKeyActor> {
    if (!looksLikeApiKey(key)) throw new ProblemError('unauthenticated');
    const { apiKeyId, userId, scopes, expiresAt } = await this.find(hashToken(key), address);
    if (Date.parse(expiresAt) <= Date.now()) throw new ProblemError('unauthenticated');
    return { kind: 'api_key', apiKeyId, userId, scopes, organizationId: null, roles: [] };
  }

  private find(hash: string, address: string): Promise<VerifiedKey> {
    const known = this.results.get(hash);
    if (known !== undefined) return known;
    this.wrongKeys.refuseFlood(address);
    if (this.calls >= callsAtOnce) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
    const asked = this.ask(hash, address);
    this.results.set(hash, asked);
    return asked;
  }

  private async ask(hash: string, address: string): Promise<VerifiedKey> {
    this.calls += 1;
    try {
      return await this.rpc.call(verifyApiKey, { hash });
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'account_suspended') throw error;
      if (error instanceof ProblemError && error.code === 'unauthenticated') {
        await this.wrongKeys.count(address);
        throw error;
      }
      // Only replies of auth are cached, not its failures.
      this.results.delete(hash);
      throw new ProblemError('service_unavailable', { retryAfterSeconds: 1, cause: error });
    } finally {
      this.calls -= 1;
    }
  }
}
