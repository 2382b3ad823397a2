import { startTelemetry } from '#libs/observability';
import { NotificationConfig } from './config';

async function main(): Promise<void> {
  const config = NotificationConfig.read();
  // Before what it wraps is loaded, which `start` does.
  await startTelemetry('notification', config);
  const { start } = await import('./start.js');
  await start(config);
}

void main();
