import type { Environment, ServiceConfig } from '#libs/config';
import type { ServiceName } from '#libs/contracts';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { RpcServiceName } from './health.handler';
import type { HealthChecks } from './health.service';

/** With a `fieldEncryptionKey` the service gets Fernet, and with it events and jobs. */
export type Config = ServiceConfig & { readonly fieldEncryptionKey?: string };

/** What `class ReportingConfig extends serviceConfig(environment)` is. */
export interface ConfigClass<C> {
  new (parsed: never): C;
  readonly variables: readonly string[];
  read(): NoInfer<C>;
  of(variables: Environment): NoInfer<C>;
}

/** What a service is made of, beside its database, RPC, jobs, configuration, and health check. */
export interface ServiceModules extends ModuleMetadata {
  readonly entities: readonly (new () => object)[];
}

interface Common<C extends Config> {
  /** The class that the environment is parsed into. It is also the token to inject the configuration by. */
  readonly environment: ConfigClass<C>;
}

/** Answers requests over RPC, and listens nowhere. */
export interface RpcService<C extends Config> extends Common<C> {
  readonly name: RpcServiceName;
  /** Imports them: telemetry has to start before what it wraps is loaded. */
  readonly modules: (config: C) => Promise<ServiceModules>;
}

/** Listens for HTTP, with an application of its own making. */
export interface HttpService<C extends Config> extends Common<C> {
  readonly name: ServiceName;
  readonly application: (config: C) => Promise<INestApplication>;
  readonly listen: (config: C) => { readonly host: string; readonly port: number };
  /** What readiness depends on. A service that answers over RPC depends on its database and Redis. */
  readonly checks: (application: INestApplication) => Promise<HealthChecks>;
}
