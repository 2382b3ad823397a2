import type { HttpContract, HttpMethod, RpcContract } from '#libs/contracts';
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { routeAccess, type RouteAccess } from '../../access/access.decorators';
import { routeOperation, type OperationDescription } from '../../access/operation';
import { RateLimit } from '../../rate-limit/rate-limit';

/** What a hand-written route does differently from the plain one that its contract describes. */
export type RouteDifference = Partial<
  Pick<OperationDescription, 'answer' | 'mediaType' | 'errors' | 'form' | 'startsSession' | 'download'>
> & { readonly description?: string };

const requestMethods: Readonly<Record<HttpMethod, RequestMethod>> = {
  get: RequestMethod.GET,
  post: RequestMethod.POST,
  put: RequestMethod.PUT,
  patch: RequestMethod.PATCH,
  delete: RequestMethod.DELETE,
};

/**
 * Makes a controller's method the HTTP route of a contract: path, method, status, access, rate limits and API description
 * come from the contract. Only a route that is about HTTP itself (cookies, files, streams, redirects) is written by hand.
 */
export function Route(contract: RpcContract, difference: RouteDifference = {}): MethodDecorator {
  if (!isHttp(contract)) throw new Error(`${contract.name} has no HTTP binding.`);
  const { method, path, status, limits, summary, description } = contract.http;
  const access: RouteAccess = contract.access === 'public' ? 'public' : 'authenticated';
  const operation: OperationDescription = {
    id: contract.http.id,
    contract,
    status,
    summary,
    description,
    ...difference,
  };
  return applyDecorators(
    RequestMapping({ method: requestMethods[method], path }),
    HttpCode(status),
    SetMetadata(routeAccess, access),
    SetMetadata(routeOperation, operation),
    ...(limits.length === 0 ? [] : [RateLimit(...limits)]),
  );
}

export function isHttp(contract: RpcContract): contract is HttpContract {
  return contract.http !== null;
}
