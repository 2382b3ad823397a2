import { httpContracts, type HttpContract, type RpcContract } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Inject, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Exchange } from '../../edge/exchange';
import { describedRoutes } from '../../openapi/routes';
import { requestInput } from './request-input';
import { isHttp, Route, type RouteDifference } from './route';

/**
 * Creates a controller with one plain route per contract: it validates the request, calls the service and
 * returns its response.
 */
export function contractRoutes(contracts: readonly HttpContract[]): Type {
  @Controller()
  class ContractRoutes {
    constructor(@Inject(RpcClient) readonly rpc: RpcClient) {}
  }
  for (const contract of contracts)
    addRoute(ContractRoutes.prototype, contract, function (input) {
      return this.rpc.call(contract, input);
    });
  return ContractRoutes;
}

/**
 * Returns the contracts with an HTTP binding that none of these controllers serves.
 * @throws Error if two of their methods serve the same contract
 */
export function unroutedContracts(handWritten: readonly Type[]): HttpContract[] {
  const served = describedRoutes(handWritten).flatMap(({ operation: { contract } }) => contract?.name ?? []);
  const twice = served.find((name, index) => served.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two routes serve ${twice}.`);
  return httpContracts().filter(({ name }) => !served.includes(name));
}

/** Adds a route for a contract to a controller, so that similar contracts need no method of their own. */
export function addRoute<Self extends object>(
  prototype: Self,
  contract: RpcContract,
  handle: (this: Self, input: unknown, exchange: Exchange) => Promise<unknown>,
  difference?: RouteDifference,
): void {
  if (!isHttp(contract)) throw new Error(`${contract.name} has no HTTP binding.`);
  const { id } = contract.http;
  const inputOf = requestInput(contract);
  const serve = function (this: Self, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    return handle.call(this, inputOf(request), { request, reply });
  };
  const descriptor = { value: serve, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, id, descriptor);
  Req()(prototype, id, 0);
  Res({ passthrough: true })(prototype, id, 1);
  Route(contract, difference)(prototype, id, descriptor);
}
