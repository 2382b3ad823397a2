import { ensureTimeouts, waitForSchema } from '#libs/database';
import { logger } from '#libs/observability';
import { redisSettings, type RedisOptions } from '#libs/redis';
import { RpcServer } from '#libs/rpc';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { assemble } from './application';
import type { Config, HttpService, RpcService } from './definition';
import type { HealthChecks } from './health.service';
import { runService } from './run-service';

export async function runDefinition<C extends Config>(
  definition: RpcService<C> | HttpService<C>,
  config: C,
): Promise<void> {
  return 'modules' in definition ? runOverRpc(definition, config) : runOverHttp(definition, config);
}

function runOverRpc<C extends Config>(definition: RpcService<C>, config: C): Promise<void> {
  const { name, modules } = definition;
  const rpc = new RpcServer({ service: name, redis: { ...config.redis, name } });
  const create = async () => assemble(definition, { config, modules: await modules(config), rpc });
  const ownChecks = (application: INestApplication): HealthChecks => {
    const dataSource = application.get(DataSource);
    return { database: () => dataSource.query('SELECT 1'), cache: () => rpc.ping() };
  };
  const prepare = () => prepareFor(definition, config);
  return runService({ config, prepare, create, checks: async (application) => ownChecks(application) });
}

function runOverHttp<C extends Config>(definition: HttpService<C>, config: C): Promise<void> {
  const { application, listen, checks } = definition;
  const prepare = () => prepareFor(definition, config);
  return runService({ config, prepare, create: () => application(config), listen: listen(config), checks });
}

async function prepareFor<C extends Config>(
  { name, migrations, prepare }: RpcService<C> | HttpService<C>,
  config: C,
): Promise<void> {
  const { production, redis, databaseUrl, databaseDirectUrl } = config;
  await prepare?.(config);
  if (production) await checkRedis({ ...redis, name });
  await waitForSchema(databaseUrl, await migrations());
  await ensureTimeouts(databaseUrl, databaseDirectUrl);
}

/** @throws Error when Redis may delete queued work */
async function checkRedis(redis: RedisOptions): Promise<void> {
  const { refusal, warning } = await redisSettings(redis);
  if (refusal !== undefined) throw new Error(refusal);
  if (warning !== undefined) logger().warn(warning);
}
