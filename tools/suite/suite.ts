import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '#libs/contracts';
import { services } from './apps';
import { prepareDatabase, type ServiceDatabase } from './migrations';
import type { RecordedProcess } from '#libs/local';
import { replicasOf, type Replica } from './replicas';
import { roundRobin, type RoundRobin } from './round-robin';
import { claimFolder, type RunState } from './run-state';
import { localSecrets, type Secrets } from './secrets';
import { prepareFiles, writeAddresses, type SuiteUrls } from './suite-files';
import { choosePorts, type ChosenPorts, type SuitePorts } from './suite-ports';
import { allStarted, SuiteServers, type ExternalServers } from './suite-servers';
import type { Listener } from './supervised';
import { graceMs, loopback, reachableHost } from './services';
import type { Variables } from './variables';
import { startWatchdog } from './watchdog';

export interface SuiteOptions {
  /** The folder of data, logs and secrets: `.local`, or a test's own. */
  readonly folder: string;
  /** Processes per service. */
  readonly replicas: number;
  readonly ports?: ChosenPorts;
  /** Servers to use instead of the embedded ones. */
  readonly servers?: ExternalServers;
  /** Variables for the services. Each service gets those that it reads. */
  readonly environment?: Variables;
  /** For tests: data that is not needed afterwards (no fsync), on ports that no other program wants. */
  readonly disposable?: boolean;
  /** Receives progress messages for the user. */
  readonly say?: (line: string) => void;
  /** Receives each line that a process writes. */
  readonly onOutput?: (name: string, line: string) => void;
}

const healthTimeoutMs = 30_000;

/** PostgreSQL, Redis, a mail catcher and the services: started together, kept running, stopped in order. */
export class Suite {
  private readonly watchdog = startWatchdog();
  private readonly say: (line: string) => void;
  private readonly servers: SuiteServers;
  private replicas: Replica[] = [];
  private front: RoundRobin | undefined;
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private known: SuiteUrls | undefined;

  private constructor(
    private readonly options: SuiteOptions,
    private readonly state: RunState,
    private readonly ports: SuitePorts,
  ) {
    const { folder, disposable = false, say = () => undefined } = options;
    this.say = say;
    this.servers = new SuiteServers({ folder, disposable, say }, ports, options.servers ?? {}, this.listener);
  }

  /** Claims the folder and the ports. Nothing runs yet. */
  static async claim(options: SuiteOptions): Promise<Suite> {
    const state = await claimFolder(options.folder);
    try {
      prepareFiles(options.folder);
      return new Suite(
        options,
        state,
        await choosePorts(options.ports ?? {}, options.replicas, options.disposable ?? false),
      );
    } catch (error) {
      state.release();
      throw error;
    }
  }

  /** Resolves when the gateway reports that all services are healthy. Leaves nothing behind if it fails. */
  async start(): Promise<void> {
    this.starting = this.startAll();
    try {
      await this.starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get urls(): SuiteUrls {
    if (this.known === undefined) throw new Error('The suite has not started.');
    return this.known;
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** The current processes by name: `postgres`, `redis`, `mail`, `auth` or `auth-1`, … */
  get processes(): readonly RecordedProcess[] {
    return [...this.servers.processes, ...this.replicas.flatMap(({ program }) => program.recorded ?? [])];
  }

  /** The management port of each replica, by the replica's name. */
  get managementPorts(): ReadonlyMap<string, number> {
    return new Map(this.replicas.map(({ program, ports }) => [program.program.name, ports.management]));
  }

  /**
   * Restarts one replica after the other, so that another one handles requests. Continues if one does not
   * start, and then rejects.
   */
  async restart(services: readonly ServiceName[]): Promise<void> {
    const failures: unknown[] = [];
    for (const { service, program } of this.replicas) {
      if (services.includes(service))
        await program.restart(graceMs(this.environment)).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Stops everything, beginning with the services: within 10 s, unless SHUTDOWN_TIMEOUT is longer. */
  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll());
  }

  private async startAll(): Promise<void> {
    const secrets = localSecrets(this.options.folder, services);
    const urls = await this.servers.start(secrets.postgresPassword);
    const databases = new Map<ServiceName, ServiceDatabase>();
    for (const service of services) databases.set(service, await this.prepare(urls.postgres, service, secrets));
    this.known = { api: `http://${this.apiHost}:${this.ports.api}`, ...urls, databases };
    this.refuseIfStopping();
    await this.startServices(secrets, this.known);
    await this.untilHealthy(this.known.api);
    this.changed();
    writeAddresses(this.options.folder, this.known, this.environment);
  }

  private async prepare(postgres: string, service: ServiceName, secrets: Secrets): Promise<ServiceDatabase> {
    const database = await prepareDatabase(postgres, service, secrets);
    if (database.migrated.length > 0)
      this.say(`Migrated the database of ${service} (new migrations: ${database.migrated.length})`);
    return database;
  }

  private async startServices(secrets: Secrets, urls: SuiteUrls): Promise<void> {
    const databaseUrls = new Map([...urls.databases].map(([service, { serviceUrl }]) => [service, serviceUrl]));
    const { folder, replicas } = this.options;
    this.replicas = replicasOf({
      replicas,
      ports: this.ports,
      around: { secrets, databaseUrls, redisUrl: urls.redis, smtpUrl: urls.smtp, publicUrl: urls.api, folder },
      settings: this.environment,
      logs: join(folder, 'logs'),
      listener: this.listener,
    });
    await allStarted(this.replicas.map(({ program }) => program.start()));
    const behind = this.replicas.flatMap(({ ports: { http }, program }) =>
      http === undefined ? [] : [{ port: http, takesRequests: () => program.takesRequests }],
    );
    if (replicas > 1) this.front = await roundRobin(this.ports.api, behind, this.environment['HOST'] ?? loopback);
  }

  private async untilHealthy(api: string): Promise<void> {
    const deadline = Date.now() + healthTimeoutMs;
    for (let lastResponse = ''; ;) {
      try {
        const response = await fetch(`${api}/api/v1/health`, { signal: AbortSignal.timeout(5_000) });
        lastResponse = await response.text();
        if (response.ok) return;
      } catch (error) {
        lastResponse = String(error);
      }
      this.refuseIfStopping();
      if (Date.now() > deadline) throw new Error(`The gateway did not become healthy: ${lastResponse.slice(0, 2_000)}`);
      await delay(100);
    }
  }

  private refuseIfStopping(): void {
    if (this.stopping !== undefined) throw new Error('The suite was stopped while it was starting.');
  }

  private async stopAll(): Promise<void> {
    const programs = this.replicas.map(({ program }) => program.stop(graceMs(this.environment)));
    // A server that is starting can be stopped only once it is up.
    await Promise.allSettled([...programs, this.servers.stopMail(), this.starting]);
    await this.front?.close();
    await this.servers.stop();
    this.watchdog.release();
    this.state.release();
  }

  private get environment(): Variables {
    return this.options.environment ?? {};
  }

  private get apiHost(): string {
    const host = reachableHost(this.environment['HOST']);
    return host === loopback ? 'localhost' : host;
  }

  private get listener(): Listener {
    const { onOutput = () => undefined } = this.options;
    return { changed: () => this.changed(), output: onOutput, say: this.say };
  }

  private changed(): void {
    this.watchdog.guard(this.processes);
    if (this.stopping !== undefined) return;
    if (!this.state.record(this.known?.api ?? '', this.processes))
      this.say('Could not write the list of running processes to .local.');
  }
}

/** Resolves when the gateway reports that all services are healthy. Leaves nothing behind if it fails. */
export async function startSuite(options: SuiteOptions): Promise<Suite> {
  const suite = await Suite.claim(options);
  await suite.start();
  return suite;
}
