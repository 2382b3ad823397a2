import { startTelemetry } from '#libs/observability';
import { GatewayConfig } from './config';

async function main(): Promise<void> {
  const config = GatewayConfig.read();
  // Before what it wraps is loaded, which `start` does.
  await startTelemetry('gateway', config);
  const { start } = await import('./start.js');
  await start(config);
}

void main();
