import { closeRedis, createRedis, type RedisConnection } from '#libs/redis';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config';

/** The gateway's own connection, for rate limits. RPC and jobs have theirs. */
@Injectable()
export class GatewayRedis implements OnApplicationShutdown {
  readonly connection: RedisConnection;

  constructor(config: GatewayConfig) {
    this.connection = createRedis({ ...config.redis, name: 'gateway' }, 'command');
  }

  async onApplicationShutdown(): Promise<void> {
    await closeRedis(this.connection);
  }
}
