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

  /** The first requests are to be counted as well. Without Redis the gateway starts all the same, and is not ready. */
  async onModuleInit(): Promise<void> {
    await whenReady(this.connection, 5_000);
  }

  async onApplicationShutdown(): Promise<void> {
    await closeRedis(this.connection);
  }
}
