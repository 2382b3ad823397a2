export { createApplication, defineService, type Service } from './define-service';
export type { ServiceModules } from './definition';
export type { HealthCheck, HealthChecks } from './health.service';
