import { httpContracts, type HttpContract } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Inject, Req, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { describedRoutes } from '../../openapi/routes';
import { requestInput } from './request-input';
import { Route } from './route';

/** A controller with one plain route per contract: it validates the request, calls the service, and returns its response. */
export function contractRoutes(contracts: readonly HttpContract[]): Type {
  @Controller()
  class ContractRoutes {
    constructor(@Inject(RpcClient) readonly rpc: RpcClient) {}
  }
  for (const contract of contracts) addRoute(ContractRoutes.prototype, contract);
  return ContractRoutes;
}

/**
 * The contracts with an HTTP binding that none of these controllers serves.
 * @throws Error when two of their methods serve one contract
 */
export function unroutedContracts(handWritten: readonly Type[]): HttpContract[] {
  const served = describedRoutes(handWritten).flatMap(({ operation: { contract } }) => contract?.name ?? []);
  const twice = served.find((name, index) => served.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two routes serve ${twice}.`);
  return httpContracts().filter(({ name }) => !served.includes(name));
}

function addRoute(prototype: { readonly rpc: RpcClient }, contract: HttpContract): void {
  const { id } = contract.http;
  async function handle(this: { readonly rpc: RpcClient }, request: FastifyRequest): Promise<unknown> {
    return this.rpc.call(contract, requestInput(contract, request));
  }
  const descriptor = { value: handle, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, id, descriptor);
  Req()(prototype, id, 0);
  Route(contract)(prototype, id, descriptor);
}
