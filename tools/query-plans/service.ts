import { ProblemError, type Actor, type RequestContext, type RequestInput, type RpcContract } from '#libs/contracts';
import { newId } from '#libs/database';
import { runInContext } from '#libs/observability';
import { RpcClient } from '#libs/rpc';
import { createApplication } from '#libs/service';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthConfig, auth } from '../../apps/auth/src/measured';
import { Recorder, type Recorded } from './recorder';

/** The result of a call, and its cost in the database. */
export interface Measurement extends Recorded {
  /** The response, or the error code of the refusal. */
  readonly response: unknown;
}

/** The auth service as in production, with a recorder on its connections. */
export class MeasuredAuth {
  readonly dataSource: DataSource;
  /** The contracts that were called. */
  readonly called = new Set<string>();
  private readonly recorder: Recorder;
  private readonly rpc: RpcClient;

  private constructor(readonly application: INestApplication) {
    this.dataSource = application.get(DataSource);
    this.rpc = application.get(RpcClient, { strict: false });
    this.recorder = new Recorder(this.dataSource);
  }

  /** @param databaseUrl for the service's role; see `tellPlans` */
  static async start(databaseUrl: string, redisUrl: string, folder: string): Promise<MeasuredAuth> {
    const config = AuthConfig.of({
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      PUBLIC_URL: 'https://app.acme.test',
      FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
      OBJECT_DIRECTORY: folder,
    });
    const application = await createApplication(
      { name: 'auth', environment: AuthConfig },
      { config, modules: auth(), options: { logger: false } },
    );
    await application.init();
    await application.startAllMicroservices();
    return new MeasuredAuth(application);
  }

  /** Calls a contract like the gateway does. A refusal is also a result. */
  async call<C extends RpcContract>(
    contract: C,
    input: RequestInput<C>,
    actor: Actor | null = null,
  ): Promise<Measurement> {
    const context = contextOf(actor);
    this.called.add(contract.name);
    const call = () => this.rpc.call(contract, input, { context, timeoutMs: 30_000 }).catch(expected);
    return this.recorder.during<unknown>(context.requestId, call);
  }

  /** Runs work that is not a request: a job, or the query of a command. */
  async run(work: () => Promise<unknown>): Promise<Measurement> {
    const context = contextOf(null);
    return this.recorder.during(context.requestId, () => runInContext(context, work));
  }

  close(): Promise<void> {
    return this.application.close();
  }
}

function contextOf(actor: Actor | null): RequestContext {
  const client = { ip: '203.0.113.9', userAgent: 'bench', deviceId: null };
  return { requestId: newId(), traceparent: null, actor, locale: 'en', client };
}

function expected(error: unknown): string {
  if (error instanceof ProblemError && error.code !== 'internal_error' && error.code !== 'service_unavailable')
    return error.code;
  throw error;
}
