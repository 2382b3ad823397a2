import type { RpcServiceName } from '#libs/service';
import { ProblemError, rpcContractsOf, serviceHealth, type RpcContract, type ServiceName } from '#libs/contracts';
import { Handles, RpcModule, RpcServer } from '#libs/rpc';
import { Controller, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Starts a service that reports its health as ok and replies `not_found` to all its other contracts. */
export function startStubService(redisUrl: string, service: RpcServiceName): Promise<INestMicroservice> {
  const health = serviceHealth[service];
  const others = rpcContractsOf(service).filter(({ name }) => name !== health.name);
  @Controller()
  class StubService {
    @Handles(health)
    async health(): Promise<{ status: 'ok' | 'error' }> {
      return { status: 'ok' };
    }
  }
  for (const contract of others) refuse(StubService.prototype, contract);
  return startService(service, redisUrl, StubService, [health, ...others]);
}

function refuse(prototype: object, contract: RpcContract): void {
  const value = () => Promise.reject(new ProblemError('not_found'));
  const descriptor = { value, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, contract.name, descriptor);
  Handles(contract)(prototype, contract.name, descriptor);
}

/** A process of the service that handles these contracts. */
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
