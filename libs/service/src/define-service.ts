import type { ServiceName } from '#libs/contracts';
import { startTelemetry } from '#libs/observability';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { Config, HttpService, RpcService, ServiceModules } from './definition';

export interface Service {
  readonly name: ServiceName;
  /** The environment variables that it reads. */
  readonly variables: readonly string[];
  /** Runs the service until it is told to stop. Resolves when it is ready. */
  run(): Promise<void>;
}

/** The application of a service that answers requests over RPC, connected to Redis, not started. */
export async function createApplication<C extends Config>(
  service: Pick<RpcService<C>, 'name' | 'environment'>,
  parts: { readonly config: C; readonly modules: ServiceModules; readonly options?: NestApplicationOptions },
): Promise<INestApplication> {
  const { assemble } = await import('./application.js');
  return assemble(service, parts);
}

/** Declares a service. Neither this nor the file that calls it loads anything that telemetry wraps. */
export function defineService<C extends Config>(definition: RpcService<C> | HttpService<C>): Service {
  const { name, environment } = definition;
  return {
    name,
    variables: environment.variables,
    run: async () => {
      const config = environment.read();
      await startTelemetry(name, config);
      const { runDefinition } = await import('./run-definition.js');
      await runDefinition(definition, config);
    },
  };
}
