import { RpcClient } from '#libs/rpc';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import { firstValueFrom } from 'rxjs';
import { bareReplies, bareRequests, caller, nestPattern, profile, saveProfile, type Subject } from './rpc-contract';

export interface Caller {
  readonly call: () => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

export const connect: Record<Subject, (port: number) => Promise<Caller>> = {
  'libs/rpc': connectGroundwork,
  "Nest's Redis transport": connectNest,
  'bare ioredis list': connectBare,
};

async function connectGroundwork(port: number): Promise<Caller> {
  const client = new RpcClient({ redis: { url: `redis://127.0.0.1:${port}`, name: 'bench' } });
  await client.whenConnected();
  return { call: () => client.call(saveProfile, profile, { context: caller }), close: () => client.close() };
}

async function connectNest(port: number): Promise<Caller> {
  const client = ClientProxyFactory.create({ transport: Transport.REDIS, options: { host: '127.0.0.1', port } });
  await client.connect();
  return {
    call: () => firstValueFrom<unknown>(client.send(nestPattern, { context: caller, input: profile })),
    close: async () => void (await client.close()),
  };
}

async function connectBare(port: number): Promise<Caller> {
  const blocking = new Redis(port);
  const commands = new Redis(port);
  const pending = new Map<number, (value: unknown) => void>();
  const read = async (): Promise<never> => {
    for (;;) {
      const popped = await blocking.blpop(bareReplies, 0);
      const { id, value } = parseBareReply(popped?.[1] ?? '{}');
      pending.get(id)?.(value);
      pending.delete(id);
    }
  };
  read().catch(() => undefined);
  let calls = 0;
  return {
    call: () => {
      const id = ++calls;
      void commands.rpush(bareRequests, JSON.stringify({ id, context: caller, input: profile }));
      return new Promise((resolve) => pending.set(id, resolve));
    },
    close: async () => [blocking.disconnect(), commands.disconnect()],
  };
}

const parseBareReply: (text: string) => { id: number; value: unknown } = JSON.parse;
