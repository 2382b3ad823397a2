export { ConfigurationError, parseEnvironment, readEnvironment } from './environment';
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
export { readSecretFiles } from './secret-files';
export { asSecret, describeVariable, inProduction, type Environment } from './variable';
export { serviceConfig, type ServiceConfig } from './service-config';
