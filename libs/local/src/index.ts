export { buildProgram, chromiumCache, localFolder, redisCache, root, settingsFile } from './paths';
export { freePort, isFree, PortChooser, PortTakenError } from './ports';
export {
  commandLine,
  identify,
  isRunning,
  killNow,
  processIdentity,
  recordedProcess,
  startTime,
  stopInOrder,
  stopProcess,
  type ProcessIdentity,
  type RecordedProcess,
} from './processes';
export { startRedis, type RedisOptions, type RedisServer, type RunningRedis } from './redis';
