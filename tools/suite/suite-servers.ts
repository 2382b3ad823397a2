import { embeddedPostgres, embeddedRedis, externalPostgres, externalRedis, mailCatcher, type Place } from './backing';
import type { RecordedProcess } from '#libs/local';
import type { SuiteUrls } from './suite-files';
import type { SuitePorts } from './suite-ports';
import { Supervised, type Listener } from './supervised';
import { SupervisedServer, type ServerPlan } from './supervised-server';

/** The user's own servers, instead of the embedded ones. */
export interface ExternalServers {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly smtpUrl?: string;
}

type ServerUrls = Pick<SuiteUrls, 'postgres' | 'redis' | 'mail' | 'smtp'>;

/**
 * The servers that the services use: PostgreSQL, Redis and the mail catcher. Each is kept running, unless
 * it is the user's own.
 */
export class SuiteServers {
  private readonly servers: SupervisedServer[] = [];
  private mail: Supervised | undefined;

  constructor(
    private readonly place: Place,
    private readonly ports: SuitePorts,
    private readonly external: ExternalServers,
    private readonly listener: Listener,
  ) {}

  get processes(): readonly RecordedProcess[] {
    return [...this.servers, ...(this.mail === undefined ? [] : [this.mail])].flatMap(({ recorded }) => recorded ?? []);
  }

  async start(postgresPassword: string): Promise<ServerUrls> {
    const [postgres, redis, mail] = await allStarted([
      this.startPostgres(postgresPassword),
      this.startRedis(),
      this.startMail(),
    ]);
    return { postgres, redis, ...mail };
  }

  stopMail(): Promise<void> | undefined {
    return this.mail?.stop(1_000);
  }

  async stop(): Promise<void> {
    await Promise.all([this.stopMail(), ...this.servers.map((server) => server.stop())]);
  }

  private startPostgres(password: string): Promise<string> {
    const { databaseUrl } = this.external;
    if (databaseUrl !== undefined) return externalPostgres(databaseUrl);
    return this.keepRunning(embeddedPostgres(this.place, this.ports.postgres, password));
  }

  private startRedis(): Promise<string> {
    const { redisUrl } = this.external;
    if (redisUrl !== undefined) return externalRedis(redisUrl);
    return this.keepRunning(embeddedRedis(this.place, this.ports.redis));
  }

  private keepRunning(plan: ServerPlan): Promise<string> {
    const server = new SupervisedServer(plan, this.listener);
    this.servers.push(server);
    return server.start();
  }

  private async startMail(): Promise<Pick<SuiteUrls, 'mail' | 'smtp'>> {
    const { smtpUrl } = this.external;
    if (smtpUrl !== undefined) return { mail: undefined, smtp: smtpUrl };
    this.mail = new Supervised(mailCatcher(this.place, this.ports.smtp, this.ports.mailUi), this.listener);
    await this.mail.start();
    return { mail: `http://localhost:${this.ports.mailUi}`, smtp: `smtp://127.0.0.1:${this.ports.smtp}` };
  }
}

/** Waits for all even if one fails, because a server that is still starting could not be stopped. */
export async function allStarted<const T extends readonly Promise<unknown>[]>(
  starts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}
