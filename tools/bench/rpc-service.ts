import type { ContextOf, RequestContext, RequestOf } from '#libs/contracts';
import { nestLogger, startTelemetry } from '#libs/observability';
import { Handles, RpcModule, RpcServer } from '#libs/rpc';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import { respond, bareReplies, bareRequests, isSubject, nestPattern, saveProfile, type Subject } from './rpc-contract';

@Controller()
class ProfileHandler {
  @Handles(saveProfile)
  async save(input: RequestOf<typeof saveProfile>, { actor }: ContextOf<typeof saveProfile>) {
    return respond(input, actor);
  }
}

@Controller()
class NestProfileController {
  @MessagePattern(nestPattern)
  async save(
    @Payload() { context, input }: { context: ContextOf<typeof saveProfile>; input: Parameters<typeof respond>[0] },
  ) {
    return respond(input, context.actor);
  }
}

@Module({ controllers: [NestProfileController] })
class NestProfileModule {}

@Module({ controllers: [ProfileHandler] })
class ProfileModule {}

/** Runs like a service: access check, validation both ways, request context, metrics, one log line per request. */
async function serveGroundwork(port: number): Promise<void> {
  await startTelemetry('billing', { logLevel: 'info', environment: 'bench' });
  const redis = { url: `redis://127.0.0.1:${port}`, name: 'bench' };
  const strategy = new RpcServer({ service: 'billing', redis, contracts: [saveProfile] });
  const root = { module: ProfileModule, imports: [RpcModule.forRoot({ redis })] };
  await (await NestFactory.createMicroservice(root, { strategy, logger: nestLogger() })).listen();
}

async function serveNest(port: number): Promise<void> {
  const options = { host: '127.0.0.1', port };
  const app = await NestFactory.createMicroservice(NestProfileModule, {
    transport: Transport.REDIS,
    options,
    logger: false,
  });
  await app.listen();
}

/** Only the round trip. */
async function serveBare(port: number): Promise<void> {
  const blocking = new Redis(port);
  const commands = new Redis(port);
  for (;;) {
    const popped = await blocking.blpop(bareRequests, 0);
    if (!popped) continue;
    const { id, context, input } = parseBareRequest(popped[1]);
    if (!context.actor) continue;
    void commands.rpush(bareReplies, JSON.stringify({ id, value: await respond(input, context.actor) }));
  }
}

const parseBareRequest: (text: string) => {
  id: number;
  context: RequestContext;
  input: Parameters<typeof respond>[0];
} = JSON.parse;

const serve: Record<Subject, (port: number) => Promise<void>> = {
  'libs/rpc': serveGroundwork,
  "Nest's Redis transport": serveNest,
  'bare ioredis list': (port) => Promise.resolve(void serveBare(port)),
};

const [subject, port] = process.argv.slice(2);
if (!isSubject(subject)) throw new Error(`There is no ${subject} to measure.`);
void serve[subject](Number(port)).then(() => process.send?.('ready'));
process.once('disconnect', () => process.exit());
