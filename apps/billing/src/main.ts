import { startTelemetry } from '#libs/observability';
import { BillingConfig } from './config';

async function main(): Promise<void> {
  const config = BillingConfig.read();
  // Before what it wraps is loaded, which `start` does.
  await startTelemetry('billing', config);
  const { start } = await import('./start.js');
  await start(config);
}

void main();
