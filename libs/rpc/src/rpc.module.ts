import { Module, type DynamicModule } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { RpcErrorFilter } from './error-filter';
import { RpcClient, type RpcClientOptions } from './rpc-client';

/** Provides RpcClient and passes the errors of handlers on to RpcServer. Import it once, in the root module. */
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
    // Nest runs the first global filter last. As an APP_FILTER this one would run before the application's
    // filters.
    application.getGlobalFilters().unshift(filter);
  }
}
