export { createRedis, type RedisOptions, type RedisPurpose } from './connection';
export { reconnect } from './heartbeat';
export { closeRedis, whenReady, type RedisConnection } from './lifecycle';
export { parseRedisUrl, type RedisTarget } from './redis-url';
export { redisSettings } from './server-settings';
