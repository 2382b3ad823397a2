export { ConfigurationError, parseEnvironment, readEnvironment } from './environment';
export {
  boolean,
  displayText,
  fernetKeys,
  integer,
  list,
  port,
  publicUrl,
  publicUrlMeaning,
  redisUrl,
  seconds,
  secret,
  url,
} from './building-blocks';
export { commonEnvironment, fieldEncryptionEnvironment } from './common-environment';
export { readSecretFiles } from './secret-files';
export { isPlaceholder } from './placeholder';
export { asSecret, describeVariable, inProduction, type Environment } from './variable';
export type { Setting } from './setting';
export { serviceConfig, type ServiceConfig } from './service-config';
