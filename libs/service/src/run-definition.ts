import { RpcServer } from '#libs/rpc';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { assemble } from './application';
import type { Config, HttpService, RpcService } from './definition';
import type { HealthChecks } from './health.service';
import { runService } from './run-service';

export function runDefinition<C extends Config>(definition: RpcService<C> | HttpService<C>, config: C): Promise<void> {
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
  return runService({ config, create, checks: async (application) => ownChecks(application) });
}

function runOverHttp<C extends Config>(definition: HttpService<C>, config: C): Promise<void> {
  const { application, listen, checks } = definition;
  return runService({ config, create: () => application(config), listen: listen(config), checks });
}
