import { serviceHealth, type RpcContract, type ServiceName } from '#libs/contracts';
import { Handles, RpcModule, RpcServer } from '#libs/rpc';
import { Controller, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** A service that answers nothing but its health. */
export function startStubService(redisUrl: string, service: 'billing' | 'notification'): Promise<INestMicroservice> {
  const contract = serviceHealth[service];
  @Controller()
  class StubService {
    @Handles(contract)
    async health(): Promise<{ status: 'ok' | 'error' }> {
      return { status: 'ok' };
    }
  }
  return startService(service, redisUrl, StubService, [contract]);
}

/** A process of the service that answers these contracts. */
export async function startService(
  service: ServiceName,
  url: string,
  controller: Type,
  contracts: readonly RpcContract[],
): Promise<INestMicroservice> {
  const redis = { url, name: `stub-${service}` };
  @Module({ imports: [RpcModule.forRoot({ redis })], controllers: [controller] })
  class StubModule {}
  const stub = await NestFactory.createMicroservice(StubModule, {
    strategy: new RpcServer({ service, redis, contracts }),
  });
  await stub.listen();
  return stub;
}
