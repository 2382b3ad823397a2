import { defineService } from '#libs/service';
import { GatewayConfig } from './config';

/** Ready means that the gateway can verify access tokens and their revocation by itself. */
export const service = defineService({
  name: 'gateway',
  environment: GatewayConfig,
  migrations: async () => (await import('./database.js')).migrations,
  application: async (config) => (await import('./application.js')).createGateway(config),
  listen: ({ host, port }) => ({ host, port }),
  checks: async (application) => (await import('./routes/health/readiness.js')).readinessChecks(application),
});
