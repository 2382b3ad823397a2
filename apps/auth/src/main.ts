import { startTelemetry } from '#libs/observability';
import { AuthConfig } from './config';

async function main(): Promise<void> {
  const config = AuthConfig.read();
  // Before what it wraps is loaded, which `start` does.
  await startTelemetry('auth', config);
  const { start } = await import('./start.js');
  await start(config);
}

void main();
