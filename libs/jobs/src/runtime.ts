import { eventContractsFor } from '#libs/contracts';
import { closeRedis, createRedis, type RedisConnection } from '#libs/redis';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { Worker } from 'bullmq';
import { DataSource } from 'typeorm';
import { Acknowledgements } from './acknowledgements';
import { checkHandlers } from './boot-check';
import { DeadLetters } from './dead-letters';
import { Execution } from './execution';
import { discoverHandlers, type Discovered, type Handler } from './handlers';
import { OutboxListener } from './listener';
import { measureJobs } from './metrics';
import { defaultTimings, jobsOptions, type JobsOptions, type Timings } from './options';
import { outboxChannel } from './outbox';
import { measureBacklog } from './outbox.table';
import { Queues } from './queues';
import { OutboxRelay } from './relay';
import { scheduleRetry, Schedules } from './schedules';
import { startWorker, stopWorkers } from './workers';

const defaultConcurrency = 5;
const defaultShutdownTimeoutMs = 8_000;

/** Starts the relay, workers and schedules with the application, and stops them in order. */
@Injectable()
export class JobsRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly timings: Timings;
  private workerConnection: RedisConnection | undefined;
  private workers: readonly Worker[] = [];
  private stops: readonly (() => Promise<void> | void)[] = [];

  constructor(
    @Inject(jobsOptions) private readonly options: JobsOptions,
    private readonly dataSource: DataSource,
    private readonly queues: Queues,
    private readonly deadLetters: DeadLetters,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {
    this.timings = { ...defaultTimings, ...options.timings };
  }

  onApplicationBootstrap(): void {
    const { service } = this.options;
    const found = discoverHandlers(this.discovery, this.scanner);
    checkHandlers(service, eventContractsFor(service), found);
    const relay = this.startRelay();
    const schedules = new Schedules(this.queues, service, found.schedules);
    schedules.start();
    this.workers = this.startWorkers(found, schedules);
    const endMeasuring = measureJobs({
      backlog: () => measureBacklog(this.dataSource.manager),
      deadLetters: () => this.deadLetters.count(service),
    });
    this.stops = [endMeasuring, () => schedules.stop(), ...relay];
  }

  async beforeApplicationShutdown(): Promise<void> {
    const timeoutMs = this.options.shutdownTimeoutMs ?? defaultShutdownTimeoutMs;
    await Promise.all([this.stopWorkers(timeoutMs), ...this.stops.map((stop) => stop())]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
    await closeRedis(this.queues.connection);
  }

  private async stopWorkers(timeoutMs: number): Promise<void> {
    await stopWorkers(this.workers, timeoutMs);
    // This also stops renewing the locks, so other workers can take over what still runs here.
    if (this.workerConnection !== undefined) await closeRedis(this.workerConnection);
  }

  private startRelay(): (() => Promise<void>)[] {
    const { service, databaseUrl } = this.options;
    const returned = new Acknowledgements(this.queues.connection);
    const relay = new OutboxRelay(service, this.dataSource.manager, this.queues, returned, this.timings);
    const listener = new OutboxListener(
      { url: databaseUrl, service, channel: outboxChannel, retryMs: this.timings.poll },
      () => relay.wake(),
    );
    relay.start();
    listener.start();
    return [() => listener.stop(), () => relay.stop()];
  }

  private startWorkers({ handlers, schedules: declared }: Discovered, schedules: Schedules): Worker[] {
    const { service, fernet, eventConcurrency, jobConcurrency } = this.options;
    const connection = createRedis(this.options.redis, 'bullmq');
    this.workerConnection = connection;
    const byName = new Map(handlers.map((handler): [string, Handler] => [handler.contract.name, handler]));
    const execution = new Execution(service, this.dataSource, fernet, byName, new Acknowledgements(connection));
    const settings = { service, timings: this.timings, retryOf: (name: string) => byName.get(name)?.contract.retry };
    const kinds = [
      { kind: 'events', concurrency: eventConcurrency ?? defaultConcurrency },
      { kind: 'jobs', concurrency: jobConcurrency ?? defaultConcurrency },
    ] as const;
    const needed = kinds.filter(({ kind }) =>
      handlers.some(({ contract }) => contract.kind === (kind === 'jobs' ? 'job' : 'event')),
    );
    const workers = needed.map((one) => startWorker(connection, { ...settings, ...one }, (job) => execution.run(job)));
    if (declared.length === 0) return workers;
    const ofSchedules = { ...settings, kind: 'schedules', concurrency: 1, retryOf: () => scheduleRetry } as const;
    return [...workers, startWorker(connection, ofSchedules, (job) => schedules.run(job))];
  }
}
