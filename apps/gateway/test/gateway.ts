import type { RpcServiceName } from '#libs/service';
import { cleanupOnce, eventually, testDatabase, testRedis, type TestDatabase, type TestRedis } from '#libs/testing';
import { Logger, type INestMicroservice } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { createGateway } from '../src/application';
import { GatewayConfig } from '../src/config';
import { migrations } from '../src/database';
import { startStubService } from './stub-service';
import { agreeableAuth, startStubAuth, type AuthBehavior } from './stub-services';
import { TestTokens } from './tokens';

export const publicUrl = 'https://app.acme.test';

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly bytes: Buffer;
  /** The body as JSON, or `undefined` without one. */
  readonly json: unknown;
  /** Set-Cookie headers by cookie name. */
  readonly cookies: Readonly<Record<string, string>>;
}

export interface TestRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

export interface TestGateway {
  readonly application: NestFastifyApplication;
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  readonly tokens: TestTokens;
  readonly auth: AuthBehavior;
  ask(request: TestRequest): Promise<TestResponse>;
  /** The gateway's port, once a test has let it listen. */
  port(): number;
  /** Starts a second gateway with the same database and Redis. */
  replica(): Promise<TestGateway>;
  stopAuth(): Promise<void>;
  /** Starts Redis again after a test has stopped it, and waits until everything is connected. */
  restoreRedis(): Promise<void>;
  /** Runs after the file's tests at the latest. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** The other services to start. Default: only auth. */
  readonly services?: readonly RpcServiceName[];
}

// Silences Nest's own lines. Ours go where libs/observability sends them.
Logger.overrideLogger(false);

/** Starts a gateway with its own database and Redis, in front of stubs that handle the real contracts. */
export async function startGateway({ variables = {}, services = [] }: GatewayOptions = {}): Promise<TestGateway> {
  const [redis, database, tokens] = await Promise.all([
    testRedis(),
    testDatabase('gateway', migrations),
    TestTokens.create(publicUrl),
  ]);
  const auth = agreeableAuth(tokens);
  const stubs = await Promise.all([
    startStubAuth(redis.url, auth),
    ...services.map((service) => startStubService(redis.url, service)),
  ]);
  return assemble({ redis, database, tokens, auth }, stubs, variables);
}

type Surroundings = Pick<TestGateway, 'redis' | 'database' | 'tokens' | 'auth'>;

async function assemble(
  surroundings: Surroundings,
  stubs: INestMicroservice[],
  variables: Readonly<Record<string, string>>,
): Promise<TestGateway> {
  const { redis, database } = surroundings;
  const application = await createGateway(configFor(redis.url, database.serviceUrl, variables));
  await application.init();
  await application.getHttpAdapter().getInstance().ready();
  return {
    ...surroundings,
    application,
    ask: (request) => ask(application, request),
    port: () => z.object({ port: z.number() }).parse(application.getHttpServer().address()).port,
    replica: () => assemble(surroundings, [], variables),
    stopAuth: async () => void (await stubs.shift()?.close()),
    restoreRedis: () => restoreRedis(redis),
    stop: cleanupOnce(async () => {
      await application.close();
      await Promise.all(stubs.splice(0).map((stub) => stub.close()));
    }),
  };
}

async function restoreRedis(redis: TestRedis): Promise<void> {
  await redis.start();
  const client = new Redis(redis.url);
  // The workers of events and schedules reconnect last.
  await eventually(async () => String(await client.client('LIST')).split('cmd=bzpopmin').length === 3, {
    timeoutMs: 60_000,
  });
  await client.quit();
}

export function configFor(
  redisUrl: string,
  databaseUrl: string,
  variables: Readonly<Record<string, string>> = {},
): GatewayConfig {
  return GatewayConfig.of({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PUBLIC_URL: publicUrl,
    CSRF_SECRET: 'a-secret-of-the-tests-with-32-characters',
    FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
    ...variables,
  });
}

async function ask(application: NestFastifyApplication, request: TestRequest): Promise<TestResponse> {
  const { method, url, body, headers = {}, remoteAddress } = request;
  const response = await application.inject({
    method,
    url,
    headers: { ...headers },
    ...(body === undefined ? {} : { payload: body }),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  });
  const isJson = /json\b/.test(String(response.headers['content-type'])) && response.body !== '';
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.body,
    bytes: response.rawPayload,
    json: isJson ? JSON.parse(response.body) : undefined,
    cookies: Object.fromEntries(response.cookies.map(({ name, value }) => [name, value])),
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
