import type { HttpContract, HttpMethod, RpcContract } from '#libs/contracts';
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { routeAccess, type RouteAccess } from '../../access/access.decorators';
import { routeOperation, type OperationDescription } from '../../access/operation';
import { RateLimit } from '../../rate-limit/rate-limit';

/** The differences of a hand-written route from the plain route of its contract. */
export type RouteDifference = Partial<
  Pick<OperationDescription, 'response' | 'mediaType' | 'errors' | 'form' | 'startsSession' | 'download'>
> & { readonly description?: string };

const requestMethods: Readonly<Record<HttpMethod, RequestMethod>> = {
  get: RequestMethod.GET,
  post: RequestMethod.POST,
  put: RequestMethod.PUT,
  patch: RequestMethod.PATCH,
  delete: RequestMethod.DELETE,
};

/**
 * Makes a controller's method the HTTP route of a contract, which defines path, method, status, access,
 * rate limits and OpenAPI operation. Write only routes about HTTP itself by hand (cookies, files, streams,
 * redirects).
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
