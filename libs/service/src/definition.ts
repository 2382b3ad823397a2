import type { Environment, ServiceConfig, Setting } from '#libs/config';
import type { ServiceName } from '#libs/contracts';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import type { RpcServiceName } from './health.handler';
import type { HealthChecks } from './health.service';

/** With a `fieldEncryptionKey` the service gets Fernet and, with it, events and jobs. */
export type Config = ServiceConfig & { readonly fieldEncryptionKey?: string };

/** The type of a class such as `class ReportingConfig extends serviceConfig(environment)`. */
export interface ConfigClass<C> {
  new (parsed: never): C;
  readonly variables: readonly string[];
  readonly settings: readonly Setting[];
  read(): NoInfer<C>;
  of(variables: Environment): NoInfer<C>;
}

/** The modules of a service, besides its database, RPC, jobs, configuration and health check. */
export interface ServiceModules extends ModuleMetadata {
  readonly entities: readonly (new () => object)[];
}

interface Common<C extends Config> {
  /** What the database must have had before the service takes work. */
  readonly migrations: () => Promise<readonly (new () => MigrationInterface)[]>;
  /** What must be true of this service's surroundings before it starts. @throws Error that says what to change */
  readonly prepare?: (config: C) => Promise<void>;
  /** The class that holds the parsed environment. It is also the injection token of the configuration. */
  readonly environment: ConfigClass<C>;
}

/** A service that handles RPC requests and does not listen for HTTP. */
export interface RpcService<C extends Config> extends Common<C> {
  readonly name: RpcServiceName;
  /** Imports the modules lazily, because telemetry has to start before the modules that it instruments are loaded. */
  readonly modules: (config: C) => Promise<ServiceModules>;
}

/** A service that listens for HTTP with its own application. */
export interface HttpService<C extends Config> extends Common<C> {
  readonly name: ServiceName;
  readonly application: (config: C) => Promise<INestApplication>;
  readonly listen: (config: C) => { readonly host: string; readonly port: number };
  /** The checks that readiness depends on. RPC services check their database and Redis by default. */
  readonly checks: (application: INestApplication) => Promise<HealthChecks>;
}
