import { serviceHealth } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { RpcClient } from '#libs/rpc';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { GatewayRedis } from '../../rate-limit/gateway-redis';

type HealthContract = (typeof serviceHealth)[keyof typeof serviceHealth];

const check = z.strictObject({ status: z.enum(['ok', 'error']), latencyMs: z.number() });

export const health = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'error']),
    checks: z.strictObject({ database: check, cache: check, ...eachService(() => check) }),
  })
  .meta({ id: 'Health' });
export type Health = z.output<typeof health>;

/** Without these, no user can sign in. Without the others, their work waits. */
const essential = ['database', 'cache', 'auth'];
const timeoutMs = 1_000;
const sharedMs = 1_000;

/** Checks every part at once. The result is shared for a second, so that frequent requests cost nothing. */
@Injectable()
export class HealthService {
  private shared: Promise<Health> | undefined;
  private readonly probes: Readonly<Record<string, () => Promise<boolean>>>;

  constructor(
    dataSource: DataSource,
    redis: GatewayRedis,
    private readonly rpc: RpcClient,
  ) {
    this.probes = {
      database: async () => (await queryRows(dataSource.manager, 'SELECT 1', [], z.unknown())).length === 1,
      cache: async () => (await redis.connection.ping()).length > 0,
      ...eachService((contract) => () => this.ask(contract)),
    };
  }

  current(): Promise<Health> {
    if (this.shared === undefined) {
      this.shared = this.check();
      void this.shared.then(() => setTimeout(() => (this.shared = undefined), sharedMs).unref());
    }
    return this.shared;
  }

  private async check(): Promise<Health> {
    const results = await Promise.all(
      Object.entries(this.probes).map(async ([name, probe]) => [name, await timed(probe)] as const),
    );
    const checks = health.shape.checks.parse(Object.fromEntries(results));
    return { status: overall(checks), checks };
  }

  private async ask(contract: HealthContract): Promise<boolean> {
    const { status } = await this.rpc.call(contract, {}, { timeoutMs });
    return status === 'ok';
  }
}

async function timed(probe: () => Promise<boolean>): Promise<z.output<typeof check>> {
  const startedAt = performance.now();
  const ok = await succeedsInTime(probe);
  return { status: ok ? 'ok' : 'error', latencyMs: Math.round(performance.now() - startedAt) };
}

function succeedsInTime(probe: () => Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    probe()
      .then(resolve, () => resolve(false))
      .finally(() => clearTimeout(timer));
  });
}

function overall(checks: Health['checks']): Health['status'] {
  const failed = Object.entries(checks).filter(([, { status }]) => status === 'error');
  if (failed.length === 0) return 'ok';
  return failed.some(([name]) => essential.includes(name)) ? 'error' : 'degraded';
}

/** One entry per service that handles RPC requests, by its name. */
function eachService<T>(of: (contract: HealthContract) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(serviceHealth).map(([name, contract]) => [name, of(contract)]));
}
