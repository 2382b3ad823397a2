import { eventually, freePort, spawnProcess, testDatabase, testRedis, type SpawnedProcess } from '#libs/testing';
import { join } from 'node:path';
import type { FixtureOptions } from './fixtures/config';

const fixture = join(process.cwd(), 'dist', 'libs', 'health', 'src', 'fixtures', 'main.js');

interface Service {
  readonly process: SpawnedProcess;
  readonly url: string;
  manage(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  lines(): Record<string, unknown>[];
}

async function spawnService(options: Partial<FixtureOptions> = {}): Promise<Service> {
  const management = { host: '127.0.0.1', port: await freePort() };
  const port = await freePort();
  const child = spawnProcess(fixture, { args: [JSON.stringify({ management, port, ...options })] });
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    async manage(path) {
      const response = await fetch(`http://127.0.0.1:${management.port}${path}`);
      return { status: response.status, body: JSON.parse(await response.text()) };
    },
    lines: () =>
      child
        .output()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

async function startService(options: Partial<FixtureOptions> = {}): Promise<Service> {
  const service = await spawnService(options);
  await service.process.waitForOutput(/"msg":"started"/);
  return service;
}

/** A service in the middle of a request, which ends at SIGUSR2. */
async function startHolding(options: Partial<FixtureOptions> = {}) {
  const service = await startService(options);
  const answer = fetch(`${service.url}/hold`).then((response) => response.text());
  answer.catch(() => undefined);
  await service.process.waitForOutput(/holding/);
  return { service, answer };
}

const send = (service: Service, signal: NodeJS.Signals) => process.kill(service.process.pid, signal);

describe('health', () => {
  test('ready tells each dependency with its latency', async () => {
    const [database, redis] = await Promise.all([testDatabase(), testRedis()]);
    const service = await startService({ databaseUrl: database.url, redisUrl: redis.url });
    const check = { status: 'ok', latencyMs: expect.any(Number) };
    await eventually(async () => (await service.manage('/health/ready')).status === 200);
    expect((await service.manage('/health/ready')).body).toEqual({
      status: 'ok',
      checks: { database: check, redis: check },
    });
  });

  test('while a dependency is away ready is 503, live stays 200, and the log says so once', async () => {
    const redis = await testRedis();
    const service = await startService({ redisUrl: redis.url });
    await eventually(async () => (await service.manage('/health/ready')).status === 200);
    await redis.stop();
    for (let time = 0; time < 3; time++) {
      expect(await service.manage('/health/ready')).toMatchObject({
        status: 503,
        body: { status: 'error', checks: { redis: { status: 'error' } } },
      });
    }
    expect((await service.manage('/health/live')).status).toBe(200);
    await redis.restart();
    await eventually(async () => (await service.manage('/health/ready')).status === 200);
    await service.process.waitForOutput(/health check passes again/);
    const lines = service.lines().filter(({ check }) => check === 'redis');
    const outage = lines.slice(
      0,
      lines.findIndex(({ msg }) => msg === 'health check passes again'),
    );
    expect(outage).toMatchObject([{ msg: 'health check fails' }]);
  });

  test('a service that has not started is alive, but not ready', async () => {
    const service = await spawnService({ start: 'hangs' });
    await eventually(async () => (await service.manage('/health/live')).status === 200, { timeoutMs: 60_000 });
    expect(await service.manage('/health/ready')).toEqual({ status: 503, body: { status: 'starting', checks: {} } });
  });

  test('metrics are Prometheus text and tell of the process', async () => {
    const service = await startService();
    const management = service.lines().find(({ msg }) => msg === 'started')?.['management'];
    const response = await fetch(`${String(management)}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^# TYPE http_request_duration_seconds histogram/m);
  });

  test('probes and scrapes write no log line', async () => {
    const service = await startService();
    for (const path of ['/health/live', '/health/ready']) await service.manage(path);
    await service.process.kill();
    const messages = service.lines().map(({ msg }) => msg);
    expect(messages.slice(messages.indexOf('started'))).toEqual(['started', 'stopping', 'stopped']);
  });
});

describe('stopping', () => {
  test('SIGTERM finishes the running request, takes no new one, then exits 0', async () => {
    const { service, answer } = await startHolding();
    send(service, 'SIGTERM');
    await eventually(() =>
      fetch(`${service.url}/items/1`).then(
        () => false,
        () => true,
      ),
    );
    send(service, 'SIGUSR2');
    expect(await answer).toBe('held');
    expect(await service.process.exited).toEqual({ code: 0, signal: null });
    expect(service.lines().at(-1)).toMatchObject({ msg: 'stopped', signal: 'SIGTERM' });
  });

  test('ready is 503 while draining and live stays 200', async () => {
    const { service } = await startHolding();
    send(service, 'SIGTERM');
    await service.process.waitForOutput(/"msg":"stopping"/);
    expect(await service.manage('/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } });
    expect((await service.manage('/health/live')).status).toBe(200);
    send(service, 'SIGUSR2');
    expect((await service.process.exited).code).toBe(0);
  });

  test('with a drain delay the service still takes requests while it is no longer ready', async () => {
    const service = await startService({ drainDelayMs: 60_000, shutdownTimeoutMs: 120_000 });
    send(service, 'SIGTERM');
    await eventually(async () => (await service.manage('/health/ready')).status === 503);
    const response = await fetch(`${service.url}/items/1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
  });

  test('further signals change nothing', async () => {
    const { service, answer } = await startHolding();
    send(service, 'SIGTERM');
    await service.process.waitForOutput(/"msg":"stopping"/);
    send(service, 'SIGTERM');
    send(service, 'SIGINT');
    expect((await service.manage('/health/live')).status).toBe(200);
    send(service, 'SIGUSR2');
    expect(await answer).toBe('held');
    expect(await service.process.exited).toEqual({ code: 0, signal: null });
    expect(service.lines().filter(({ msg }) => msg === 'stopping')).toHaveLength(1);
  });

  test('SIGINT does the same', async () => {
    const service = await startService();
    expect(await service.process.kill('SIGINT')).toEqual({ code: 0, signal: null });
  });

  test('work that outlasts the time-out is given up with code 1 and a line that says so', async () => {
    const { service } = await startHolding({ shutdownTimeoutMs: 200 });
    expect(await service.process.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(service.lines().at(-1)).toMatchObject({
      level: 'error',
      msg: expect.stringContaining('did not stop in time'),
    });
  });

  test('a signal during the start ends the process, too', async () => {
    const service = await spawnService({ start: 'hangs', shutdownTimeoutMs: 200 });
    await eventually(async () => (await service.manage('/health/live')).status === 200);
    expect((await service.process.kill('SIGTERM')).code).toBe(1);
  });
});

describe('a start that fails', () => {
  test('is logged once and ends the process with 1', async () => {
    const service = await spawnService({ start: 'fails' });
    expect((await service.process.exited).code).toBe(1);
    const errors = service.lines().filter(({ level }) => level === 'fatal' || level === 'error');
    expect(errors).toMatchObject([{ level: 'fatal', error: { message: 'no start today' } }]);
  });

  test('a taken management port is named', async () => {
    const first = await startService();
    const url = new URL(String(first.lines().find(({ msg }) => msg === 'started')?.['management']));
    const second = await spawnService({ management: { host: url.hostname, port: Number(url.port) } });
    expect((await second.process.exited).code).toBe(1);
    expect(second.process.output()).toContain('EADDRINUSE');
  });
});
