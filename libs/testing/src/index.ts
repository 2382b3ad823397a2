export { certificate, privateKey } from './certificate';
export { cleanupOnce } from './cleanup';
export { eventually } from './eventually';
export { freePort } from '../../../scripts/local/ports';
export { spawnProcess, type Exit, type SpawnedProcess } from './process';
export { startReceiver, type Receiver } from './receiver';
export { testDatabase, type TestDatabase } from './database';
export { testRedis, type TestRedis } from './redis';
