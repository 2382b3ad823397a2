import type { Environment } from '#libs/config';
import type { Actor, RequestInput, ResponseOf, RpcContract, SessionActor } from '#libs/contracts';
import type { Config, ConfigClass, RpcServiceName, ServiceModules } from '#libs/service';
import type { INestApplication } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { cleanupOnce } from './cleanup';
import { testDatabase, type Migration } from './database';
import { testRedis } from './redis';

export interface TestService {
  readonly application: INestApplication;
  /** Calls the service over Redis, as the gateway does. */
  call<C extends RpcContract>(contract: C, input: RequestInput<C>, actor?: Actor): Promise<ResponseOf<C>>;
}

export interface TestServiceParts<C> {
  readonly migrations: readonly Migration[];
  readonly modules: (config: C) => ServiceModules;
  /** Environment variables that add to or replace those every service needs. */
  readonly variables?: Environment;
}

/** Starts a service with its own database and Redis, and stops it after the file's tests. */
export async function startTestService<C extends Config>(
  name: RpcServiceName,
  environment: ConfigClass<C>,
  { migrations, modules, variables = {} }: TestServiceParts<C>,
): Promise<TestService> {
  // Loaded when needed: they load Nest, which most tests do not need.
  const [{ createApplication }, { RpcClient }] = await Promise.all([import('#libs/service'), import('#libs/rpc')]);
  const [redis, database] = await Promise.all([testRedis(), testDatabase(name, migrations)]);
  const config = environment.of({
    NODE_ENV: 'test',
    DATABASE_URL: database.serviceUrl,
    REDIS_URL: redis.url,
    PUBLIC_URL: 'https://app.acme.test',
    FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Acme <no-reply@acme.test>',
    ...variables,
  });
  const application = await createApplication(
    { name, environment },
    { config, modules: modules(config), options: { logger: false } },
  );
  cleanupOnce(() => application.close());
  await application.init();
  await application.startAllMicroservices();
  const client = application.get(RpcClient, { strict: false });
  return {
    application,
    call: (contract, input, actor) => client.call(contract, input, { context: contextOf(actor ?? null) }),
  };
}

/** A user who has just signed in. */
export function userActor(userId: string): SessionActor {
  const authenticatedAt = Math.floor(Date.now() / 1_000);
  return { kind: 'session', userId, sessionId: randomUUID(), authenticatedAt, organizationId: null, roles: [] };
}

function contextOf(actor: Actor | null) {
  return { requestId: randomUUID(), traceparent: null, actor, locale: 'en', client: null };
}
