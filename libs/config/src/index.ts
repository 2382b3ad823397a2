export { ConfigurationError, parseEnvironment, readEnvironment, type Environment } from './environment';
export {
  boolean,
  displayText,
  fernetKeys,
  integer,
  list,
  port,
  publicUrl,
  redisUrl,
  seconds,
  secret,
  url,
} from './building-blocks';
export { commonEnvironment, fieldEncryptionEnvironment } from './common-environment';
export { describeVariable, inProduction } from './variable';
export { serviceConfig, type ServiceConfig } from './service-config';
