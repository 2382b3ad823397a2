export { createApplication, defineService, type Service } from './define-service';
export type { Config, ConfigClass, ServiceModules } from './definition';
export type { RpcServiceName } from './health.handler';
export type { HealthCheck, HealthChecks } from './health.service';
