import { serviceNames } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { eventually } from '#libs/testing';
import { startGateway, type TestGateway } from '../../../test/gateway';
import { HealthService } from './health.service';
import { readinessChecks } from './readiness';

const healthOf = (gateway: TestGateway) => gateway.ask({ method: 'GET', url: '/api/v1/health' });
/** The services other than auth whose health the gateway checks. */
const others = serviceNames.filter((name) => name !== 'gateway' && name !== 'auth');
const ok = { status: 'ok', latencyMs: expect.any(Number) };
const error = { status: 'error', latencyMs: expect.any(Number) };
const each = (check: object) => Object.fromEntries(others.map((name) => [name, check]));

describe('GET /health', () => {
  it('returns ok when every part responds', async () => {
    const gateway = await startGateway({ services: others });
    const response = await healthOf(gateway);
    await gateway.stop();
    expect(response.status).toBe(200);
    expect(response.json).toEqual({
      status: 'ok',
      checks: { database: ok, cache: ok, auth: ok, ...each(ok) },
    });
  });

  it('returns degraded with status 200 without billing or notification', async () => {
    const gateway = await startGateway();
    const response = await healthOf(gateway);
    await gateway.stop();
    expect(response).toMatchObject({
      status: 200,
      json: { status: 'degraded', checks: { auth: ok, ...each(error) } },
    });
  });

  it('returns an error with 503 without auth, within its timeout', async () => {
    const gateway = await startGateway({ services: others });
    await gateway.stopAuth();
    const response = await healthOf(gateway);
    await gateway.stop();
    expect(response).toMatchObject({
      status: 503,
      json: { status: 'error', checks: { database: ok, auth: error, billing: ok } },
    });
  });

  it('returns an error with 503 without Redis, and ok when it is back', async () => {
    const gateway = await startGateway();
    await gateway.redis.kill();
    const down = await healthOf(gateway);
    await gateway.restoreRedis();
    await eventually(async () => (await healthOf(gateway)).status === 200, { timeoutMs: 60_000 });
    await gateway.stop();
    expect(down).toMatchObject({ status: 503, json: { status: 'error', checks: { database: ok, cache: error } } });
  });

  it('checks once for a hundred concurrent requests', async () => {
    const gateway = await startGateway();
    const call = jest.spyOn(gateway.application.get(RpcClient), 'call');
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => gateway.application.get(HealthService).current()),
    );
    await gateway.stop();
    expect(new Set(responses).size).toBe(1);
    expect(call).toHaveBeenCalledTimes(1 + others.length);
  });
});

it('keeps a replica ready while its own database, cache and revocation feed work, whatever other services do', async () => {
  const gateway = await startGateway();
  await gateway.stopAuth();
  const checks = readinessChecks(gateway.application);
  await Promise.all(Object.values(checks).map((check) => check()));
  await gateway.redis.kill();
  await expect(checks['cache']?.()).rejects.toThrow();
  await gateway.restoreRedis();
  await gateway.stop();
});
