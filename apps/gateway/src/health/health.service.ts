import { serviceHealth } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { RpcClient } from '#libs/rpc';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { GatewayRedis } from '../redis/gateway-redis';

const check = z.strictObject({ status: z.enum(['ok', 'error']), latencyMs: z.number() });

export const health = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'error']),
    checks: z.strictObject({ database: check, cache: check, auth: check, billing: check, notification: check }),
  })
  .meta({ id: 'Health' });
export type Health = z.output<typeof health>;
type CheckName = keyof Health['checks'];

/** Without these nobody can sign in; without the others, what they do waits. */
const essential: readonly CheckName[] = ['database', 'cache', 'auth'];
const timeoutMs = 1_000;
const sharedMs = 1_000;

/** Asks every part at once. The result is shared for a second, so that asking often costs nothing. */
@Injectable()
export class HealthService {
  private shared: Promise<Health> | undefined;
  private readonly probes: Readonly<Record<CheckName, () => Promise<boolean>>>;

  constructor(
    dataSource: DataSource,
    redis: GatewayRedis,
    private readonly rpc: RpcClient,
  ) {
    this.probes = {
      database: async () => (await queryRows(dataSource.manager, 'SELECT 1', [], z.unknown())).length === 1,
      cache: async () => (await redis.connection.ping()).length > 0,
      auth: () => this.ask('auth'),
      billing: () => this.ask('billing'),
      notification: () => this.ask('notification'),
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
    const { probes } = this;
    const [database, cache, auth, billing, notification] = await Promise.all([
      timed(probes.database),
      timed(probes.cache),
      timed(probes.auth),
      timed(probes.billing),
      timed(probes.notification),
    ]);
    const checks = { database, cache, auth, billing, notification };
    return { status: overall(checks), checks };
  }

  private async ask(service: keyof typeof serviceHealth): Promise<boolean> {
    const { status } = await this.rpc.call(serviceHealth[service], {}, { timeoutMs });
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
  if (essential.some((name) => checks[name].status === 'error')) return 'error';
  return Object.values(checks).some(({ status }) => status === 'error') ? 'degraded' : 'ok';
}
