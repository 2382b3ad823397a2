import { closeRedis, createRedis, whenReady, type RedisConnection } from '#libs/redis';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { GatewayConfig } from '../config';

/** The gateway's own connection, for rate limits. RPC and jobs have theirs. */
@Injectable()
export class GatewayRedis implements OnModuleInit, OnApplicationShutdown {
  readonly connection: RedisConnection;

  constructor(config: GatewayConfig) {
    this.connection = createRedis({ ...config.redis, name: 'gateway' }, 'command');
  }

  /** Waits, so that the first requests are counted. Without Redis the gateway starts anyway but is not ready. */
  async onModuleInit(): Promise<void> {
    await whenReady(this.connection, 5_000);
  }

  async onApplicationShutdown(): Promise<void> {
    await closeRedis(this.connection);
  }
}
