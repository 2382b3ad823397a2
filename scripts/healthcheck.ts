// A container's health check: exits with 0 if this process's service is ready. Loads nothing, as it runs every few seconds.
const port = process.env['MANAGEMENT_PORT'] ?? '9464';

void fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(15_000) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
