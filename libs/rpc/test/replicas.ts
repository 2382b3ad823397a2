import { type RequestContext, type RpcContract } from '#libs/contracts';
import { Test } from '@nestjs/testing';
import type { DynamicModule, INestMicroservice, Provider, Type } from '@nestjs/common';
import { RpcClient, RpcModule, RpcServer, type RpcClientOptions, type RpcServerOptions } from '#libs/rpc';

export interface ReplicaSettings extends Partial<RpcServerOptions> {
  readonly redis: RpcServerOptions['redis'];
  readonly contracts: readonly RpcContract[];
  readonly controllers: readonly Type[];
  readonly providers?: readonly Provider[];
  readonly imports?: readonly DynamicModule[];
  readonly beforeListen?: (app: INestMicroservice) => void;
}

/** Collects everything that a spec starts and stops it in reverse order. */
export class Started {
  private readonly closers: (() => Promise<unknown>)[] = [];

  async replica(settings: ReplicaSettings): Promise<INestMicroservice> {
    const { controllers, providers = [], imports = [], beforeListen, ...server } = settings;
    const module = await Test.createTestingModule({
      imports: [RpcModule.forRoot({ redis: settings.redis }), ...imports],
      controllers: [...controllers],
      providers: [...providers],
    }).compile();
    const app = module.createNestMicroservice({
      strategy: new RpcServer({ service: 'billing', ...server }),
      logger: false,
    });
    this.closers.push(() => app.close());
    beforeListen?.(app);
    await app.listen();
    return app;
  }

  async client(options: RpcClientOptions): Promise<RpcClient> {
    const client = this.unconnectedClient(options);
    await client.whenConnected();
    return client;
  }

  unconnectedClient({ redis, ...options }: RpcClientOptions): RpcClient {
    const client = new RpcClient({ redis, ...options });
    this.closers.push(() => client.close());
    return client;
  }

  async end(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    this.closers.length = 0;
  }
}

export function contextOf(changes: Partial<RequestContext> = {}): RequestContext {
  return { requestId: 'request-1', traceparent: null, actor: null, locale: 'en', client: null, ...changes };
}
