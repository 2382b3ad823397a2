import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule, RpcServer } from '#libs/rpc';
import { Module, type DynamicModule, type INestApplication, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Config, RpcService, ServiceModules } from './definition';
import { healthHandler } from './health.handler';

/** Providers that every area of a service can inject: its configuration and the keys derived from it. */
@Module({})
class PlatformModule {}

@Module({})
class ServiceModule {}

export interface ApplicationParts<C extends Config> {
  readonly config: C;
  readonly modules: ServiceModules;
  readonly rpc?: RpcServer;
  readonly options?: NestApplicationOptions;
}

/** Creates the application of an RPC service. Its RPC server is connected but not started. */
export async function assemble<C extends Config>(
  { name, environment }: Pick<RpcService<C>, 'name' | 'environment'>,
  { config, modules, rpc, options }: ApplicationParts<C>,
): Promise<INestApplication> {
  const strategy = rpc ?? new RpcServer({ service: name, redis: { ...config.redis, name } });
  const application = await NestFactory.create(
    serviceModule({ name, environment }, config, modules),
    // The application itself does not listen on any port.
    new FastifyAdapter(),
    { bufferLogs: true, abortOnError: false, ...options },
  );
  application.connectMicroservice({ strategy }, { inheritAppConfig: true });
  return application;
}

function serviceModule<C extends Config>(
  { name, environment }: Pick<RpcService<C>, 'name' | 'environment'>,
  config: C,
  { entities, ...own }: ServiceModules,
): DynamicModule {
  const { databaseUrl, databaseDirectUrl, databasePoolSize, fieldEncryptionKey } = config;
  const redis = { ...config.redis, name };
  const fernet =
    fieldEncryptionKey === undefined ? undefined : new Fernet(parseFieldEncryptionKeys(fieldEncryptionKey));
  const platform = [
    { provide: environment, useValue: config },
    ...(fernet === undefined ? [] : [{ provide: Fernet, useValue: fernet }]),
  ];
  return {
    module: ServiceModule,
    imports: [
      { module: PlatformModule, global: true, providers: platform, exports: platform.map(({ provide }) => provide) },
      databaseModule({ url: databaseUrl, service: name, poolSize: databasePoolSize, entities }),
      RpcModule.forRoot({ redis }),
      ...(fernet === undefined
        ? []
        : [JobsModule.forRoot({ service: name, redis, databaseUrl: databaseDirectUrl, fernet })]),
      ...(own.imports ?? []),
    ],
    controllers: [healthHandler(name), ...(own.controllers ?? [])],
    providers: own.providers ?? [],
  };
}
