import type { RequestMethod, Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, Reflector } from '@nestjs/core';
import { z } from 'zod';
import { routeAccess, type RouteAccess } from '../access/access.decorators';
import { routeRateLimits } from '../rate-limit/rate-limit';
import { routeOperation, type OperationDescription } from '../access/operation';

/** One route of a controller with the data of its decorators. */
export interface DescribedRoute {
  readonly controller: string;
  readonly method: HttpVerb;
  /** In OpenAPI syntax: `/users/{id}`. */
  readonly path: string;
  readonly access: RouteAccess;
  readonly limits: readonly string[];
  readonly operation: OperationDescription;
  /** The schemas of a hand-written route. Otherwise the contract's request defines what comes from where. */
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly params: z.ZodType | undefined;
}

type HttpVerb = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Target = Parameters<Reflector['get']>[1];

const reflector = new Reflector();
const scanner = new MetadataScanner();
/** Indexed by Nest's RequestMethod. */
const verbs: readonly HttpVerb[] = ['get', 'post', 'put', 'delete', 'patch'];

/** The routes of controllers with `@Route()` or `@Operation()`. Pages aren't part of the API. */
export function describedRoutes(controllers: readonly Type[]): DescribedRoute[] {
  return controllers.flatMap((controller) => {
    const prototype: unknown = controller.prototype;
    if (typeof prototype !== 'object' || prototype === null) return [];
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler: unknown = Reflect.get(prototype, name);
      return typeof handler === 'function' ? (routeOf(controller, handler, name) ?? []) : [];
    });
  });
}

function routeOf(controller: Type, handler: Target, name: string): DescribedRoute | undefined {
  const operation = reflector.get<OperationDescription | undefined>(routeOperation, handler);
  if (operation === undefined) return undefined;
  const verb = verbs[reflector.get<RequestMethod>(METHOD_METADATA, handler)];
  if (verb === undefined) throw new Error(`The route ${operation.id} has a method that the API doesn't use.`);
  return {
    controller: controller.name,
    method: verb,
    path: pathOf(controller, handler),
    access: reflector.get<RouteAccess>(routeAccess, handler),
    limits: reflector.get<readonly string[] | undefined>(routeRateLimits, handler) ?? ['default'],
    operation,
    body: schemaOf(RouteParamtypes.BODY, controller, name),
    query: schemaOf(RouteParamtypes.QUERY, controller, name),
    params: schemaOf(RouteParamtypes.PARAM, controller, name),
  };
}

/** Converts Fastify's `:id` to OpenAPI's `{id}`. */
function pathOf(controller: Target, handler: Target): string {
  const paths = [controller, handler].map((target) => reflector.get<string>(PATH_METADATA, target));
  const parts = paths.flatMap((path) => path.split('/')).filter((part) => part !== '');
  return `/${parts.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}

const routeArguments = z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({});

function schemaOf(kind: RouteParamtypes, controller: Target, name: string): z.ZodType | undefined {
  const declared = routeArguments.parse(Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name));
  const [, parameter] = Object.entries(declared).find(([key]) => key.startsWith(`${kind}:`)) ?? [];
  return parameter?.schema instanceof z.ZodType ? parameter.schema : undefined;
}
