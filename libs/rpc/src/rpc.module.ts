import { Module, type DynamicModule } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { RpcErrorFilter } from './error-filter';
import { RpcClient, type RpcClientOptions } from './rpc-client';

/** Gives the application its RpcClient, and lets the errors of its handlers reach RpcServer. Import it once, in the root module. */
@Module({})
export class RpcModule {
  static forRoot(options: RpcClientOptions): DynamicModule {
    return {
      module: RpcModule,
      global: true,
      providers: [{ provide: RpcClient, useFactory: () => new RpcClient(options) }, RpcErrorFilter],
      exports: [RpcClient],
    };
  }

  constructor(application: ApplicationConfig, filter: RpcErrorFilter) {
    // Nest asks the first of the global filters last: by APP_FILTER this one would stand before those of the application.
    application.getGlobalFilters().unshift(filter);
  }
}
