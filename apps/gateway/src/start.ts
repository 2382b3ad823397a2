import { runService } from '#libs/health';
import type { GatewayConfig } from './config';
import { createGateway } from './application';
import { readinessChecks } from './health/readiness';

/** Runs the gateway until it is told to stop. Ready means that it can verify access tokens and their revocation by itself. */
export function start(config: GatewayConfig): Promise<void> {
  return runService({
    config,
    create: () => createGateway(config),
    listen: { host: config.host, port: config.port },
    checks: readinessChecks,
  });
}
