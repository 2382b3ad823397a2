import { createRedis } from '#libs/redis';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadLetters } from './dead-letters';
import { jobsOptions, type JobsOptions } from './options';
import { Outbox } from './outbox';
import { Queues } from './queues';
import { JobsRetention } from './retention';
import { JobsRuntime } from './runtime';

/** Provides the Outbox and runs the application's handlers. Import it once, beside the database's module. */
@Module({})
export class JobsModule {
  static forRoot(options: JobsOptions): DynamicModule {
    return {
      module: JobsModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: jobsOptions, useValue: options },
        { provide: Outbox, useFactory: () => new Outbox(options.fernet) },
        { provide: Queues, useFactory: () => new Queues(createRedis(options.redis, 'command')) },
        { provide: DeadLetters, useFactory: (queues: Queues) => new DeadLetters(queues), inject: [Queues] },
        JobsRetention,
        JobsRuntime,
      ],
      exports: [Outbox, DeadLetters, Queues],
    };
  }
}
