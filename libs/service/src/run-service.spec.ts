import {
  eventually,
  freePort,
  spawnProcess,
  testDatabase,
  testRedis,
  type SpawnedProcess,
  type TestRedis,
} from '#libs/testing';
import { join } from 'node:path';
import type { FixtureOptions } from './fixtures/config';

const fixture = join(process.cwd(), 'dist', 'libs', 'service', 'src', 'fixtures', 'main.js');

interface Service {
  readonly process: SpawnedProcess;
  readonly url: string;
  manage(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  lines(): Record<string, unknown>[];
  /** The URL that the service logs once it has started. */
  managementUrl(): string;
}

async function spawnService(options: Partial<FixtureOptions> = {}): Promise<Service> {
  const management = { host: '127.0.0.1', port: await freePort() };
  const port = await freePort();
  const child = spawnProcess(fixture, { args: [JSON.stringify({ management, port, ...options })] });
  const lines = (): Record<string, unknown>[] =>
    child
      .output()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    async manage(path) {
      const response = await fetch(`http://127.0.0.1:${management.port}${path}`);
      return { status: response.status, body: JSON.parse(await response.text()) };
    },
    lines,
    managementUrl: () => String(lines().find(({ msg }) => msg === 'started')?.['management']),
  };
}

async function startService(options: Partial<FixtureOptions> = {}): Promise<Service> {
  const service = await spawnService(options);
  await service.process.waitForOutput(/"msg":"started"/);
  return service;
}

/** Starts a service with a request in progress. The request ends on SIGUSR2. */
async function startHolding(options: Partial<FixtureOptions> = {}) {
  const service = await startService(options);
  const heldResponse = fetch(`${service.url}/hold`).then((response) => response.text());
  heldResponse.catch(() => undefined);
  await service.process.waitForOutput(/holding/);
  return { service, heldResponse };
}

const send = (service: Service, signal: NodeJS.Signals) => process.kill(service.process.pid, signal);

describe('health', () => {
  let redis: TestRedis;
  let service: Service;
  beforeAll(async () => {
    const [database, server] = await Promise.all([testDatabase(), testRedis()]);
    redis = server;
    service = await startService({ databaseUrl: database.url, redisUrl: redis.url, outageToleranceMs: 0 });
    await eventually(async () => (await service.manage('/health/ready')).status === 200);
  });

  it('reports each dependency with its latency in the readiness check', async () => {
    const check = { status: 'ok', latencyMs: expect.any(Number) };
    expect((await service.manage('/health/ready')).body).toEqual({
      status: 'ok',
      checks: { database: check, redis: check },
    });
  });

  it('responds 503 to readiness and 200 to liveness while a dependency is down, and logs it once', async () => {
    const before = service.lines().length;
    await redis.stop();
    for (let time = 0; time < 3; time++) {
      expect(await service.manage('/health/ready')).toMatchObject({
        status: 503,
        body: { status: 'error', checks: { database: { status: 'ok' }, redis: { status: 'error' } } },
      });
    }
    expect((await service.manage('/health/live')).status).toBe(200);
    await redis.restart();
    await eventually(async () => (await service.manage('/health/ready')).status === 200);
    await service.process.waitForOutput(/health check passes again/);
    const lines = service
      .lines()
      .slice(before)
      .filter(({ check }) => check === 'redis');
    expect(lines).toMatchObject([{ msg: 'health check fails' }, { msg: 'health check passes again' }]);
  });

  it('stays ready for the first seconds of an outage that all replicas share', async () => {
    const [database, server] = await Promise.all([testDatabase(), testRedis()]);
    const tolerant = await startService({ databaseUrl: database.url, redisUrl: server.url });
    await server.stop();
    await eventually(async () => (await tolerant.manage('/health/ready')).body['status'] === 'degraded');
    expect(await tolerant.manage('/health/ready')).toMatchObject({
      status: 200,
      body: { checks: { database: { status: 'ok' }, redis: { status: 'error' } } },
    });
    const metrics = await (await fetch(`${tolerant.managementUrl()}/metrics`)).text();
    expect(metrics).toMatch(/^dependency_up\{name="redis"\} 0$/m);
    expect(metrics).toMatch(/^dependency_up\{name="database"\} 1$/m);
    await tolerant.process.kill('SIGTERM');
  });

  it('returns metrics of the process as Prometheus text', async () => {
    const response = await fetch(`${service.managementUrl()}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^# TYPE http_request_duration_seconds histogram/m);
  });

  it('logs nothing for probes and scrapes', async () => {
    const before = service.lines().length;
    for (const path of ['/health/live', '/health/ready']) await service.manage(path);
    await (await fetch(`${service.managementUrl()}/metrics`)).text();
    await fetch(`${service.url}/items/1`);
    await service.process.waitForOutput(/item read/);
    const written = service.lines().slice(before);
    expect(written[0]).toMatchObject({ msg: 'item read' });
    expect(JSON.stringify(written)).not.toMatch(/health|metrics/);
  });

  it('names a management port that is already in use and exits with 1', async () => {
    const url = new URL(service.managementUrl());
    const second = await spawnService({ management: { host: url.hostname, port: Number(url.port) } });
    expect((await second.process.exited).code).toBe(1);
    expect(second.process.output()).toContain('EADDRINUSE');
  });

  it('reports a service that has not started as alive but not ready, and stops it on a signal', async () => {
    const hanging = await spawnService({ start: 'hangs', shutdownTimeoutMs: 200 });
    await eventually(async () => (await hanging.manage('/health/live')).status === 200, { timeoutMs: 60_000 });
    expect(await hanging.manage('/health/ready')).toEqual({ status: 503, body: { status: 'starting', checks: {} } });
    expect((await hanging.process.kill('SIGTERM')).code).toBe(1);
  });

  it('logs a failed start once and exits with 1', async () => {
    const failing = await spawnService({ start: 'fails' });
    expect((await failing.process.exited).code).toBe(1);
    const errors = failing.lines().filter(({ level }) => level === 'fatal' || level === 'error');
    expect(errors).toMatchObject([{ level: 'fatal', error: { message: 'no start today' } }]);
  });
});

describe('stopping', () => {
  it('finishes the running request on SIGTERM, refuses new ones, is alive but not ready meanwhile, then exits with 0', async () => {
    const { service, heldResponse } = await startHolding();
    send(service, 'SIGTERM');
    await service.process.waitForOutput(/"msg":"stopping"/);
    expect(await service.manage('/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } });
    await eventually(() =>
      fetch(`${service.url}/items/1`).then(
        () => false,
        () => true,
      ),
    );
    // More signals change nothing.
    send(service, 'SIGTERM');
    send(service, 'SIGINT');
    expect((await service.manage('/health/live')).status).toBe(200);
    send(service, 'SIGUSR2');
    expect(await heldResponse).toBe('held');
    expect(await service.process.exited).toEqual({ code: 0, signal: null });
    expect(service.lines().at(-1)).toMatchObject({ msg: 'stopped', signal: 'SIGTERM' });
    expect(service.lines().filter(({ msg }) => msg === 'stopping')).toHaveLength(1);
  });

  it('accepts requests during the drain delay, although it is not ready', async () => {
    const service = await startService({ drainDelayMs: 60_000, shutdownTimeoutMs: 120_000 });
    send(service, 'SIGTERM');
    await eventually(async () => (await service.manage('/health/ready')).status === 503);
    const response = await fetch(`${service.url}/items/1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
  });

  it('stops on SIGINT in the same way', async () => {
    const service = await startService();
    expect(await service.process.kill('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('gives up work that exceeds the shutdown timeout, logs it and exits with 1', async () => {
    const { service } = await startHolding({ shutdownTimeoutMs: 200 });
    expect(await service.process.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(service.lines().at(-1)).toMatchObject({
      level: 'error',
      msg: expect.stringContaining('did not stop in time'),
    });
  });
});
