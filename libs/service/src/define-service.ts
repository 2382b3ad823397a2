import type { Environment, Setting } from '#libs/config';
import type { ServiceName } from '#libs/contracts';
import { startTelemetry } from '#libs/observability';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { Config, HttpService, RpcService, ServiceModules } from './definition';

export interface Service {
  readonly name: ServiceName;
  /** The environment variables that the service reads. */
  readonly variables: readonly string[];
  /** The same variables, with what they mean. */
  readonly settings: readonly Setting[];
  /** @throws ConfigurationError when a process with this environment would not start */
  check(environment: Environment): void;
  /** Runs the service until it is told to stop. Resolves when the service is ready. */
  run(): Promise<void>;
}

/** Creates the application of an RPC service, connected to Redis but not started. */
export async function createApplication<C extends Config>(
  service: Pick<RpcService<C>, 'name' | 'environment'>,
  parts: { readonly config: C; readonly modules: ServiceModules; readonly options?: NestApplicationOptions },
): Promise<INestApplication> {
  const { assemble } = await import('./application.js');
  return assemble(service, parts);
}

/**
 * Declares a service. This file and its callers must not load any module that telemetry instruments, since
 * telemetry has to start first.
 */
export function defineService<C extends Config>(definition: RpcService<C> | HttpService<C>): Service {
  const { name, environment } = definition;
  return {
    name,
    variables: environment.variables,
    settings: environment.settings,
    check: (variables) => void environment.of(variables),
    run: async () => {
      const config = environment.read();
      await startTelemetry(name, config);
      const { runDefinition } = await import('./run-definition.js');
      await runDefinition(definition, config);
    },
  };
}
