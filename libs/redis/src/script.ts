import { createHash } from 'node:crypto';
import type { RedisConnection } from './lifecycle';

/** A Lua script, run atomically in Redis. In a cluster all its keys must share a hash tag. */
export class RedisScript {
  private readonly sha: string;

  constructor(private readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }

  async run(
    connection: RedisConnection,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await connection.evalsha(this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      // Redis has not run it: it was restarted, or has never seen it.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return connection.eval(this.source, keys.length, ...keys, ...args);
    }
  }
}
