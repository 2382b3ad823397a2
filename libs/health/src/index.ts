export type { HealthCheck, HealthChecks } from './health.service';
export { HealthModule, startManagement, type ManagementOptions } from './management';
export { Readiness } from './readiness';
export { runService, type ServiceOptions } from './run-service';
