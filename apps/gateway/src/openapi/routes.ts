import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, Reflector, type DiscoveryService } from '@nestjs/core';
import { z } from 'zod';
import { routeAccess, type RouteAccess } from '../access/access.decorators';
import { routeOperation, type OperationDescription } from './operation';

/** One route of a controller, with all that its decorators say. */
export interface DescribedRoute {
  readonly name: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly access: RouteAccess;
  readonly operation: OperationDescription;
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly params: z.ZodType | undefined;
}

type Target = Parameters<Reflector['get']>[1];

const reflector = new Reflector();
const scanner = new MetadataScanner();

/** The routes of all controllers that are described by `@Operation()`; pages are not part of the API. */
export function describedRoutes(discovery: DiscoveryService): DescribedRoute[] {
  return discovery.getControllers().flatMap(({ metatype: controller }) => {
    if (controller === null) return [];
    const prototype: unknown = controller.prototype;
    if (typeof prototype !== 'object' || prototype === null) return [];
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler: unknown = Reflect.get(prototype, name);
      return typeof handler === 'function' ? (routeOf(controller, handler, name) ?? []) : [];
    });
  });
}

function routeOf(controller: Target, handler: Target, name: string): DescribedRoute | undefined {
  const operation = reflector.get<OperationDescription | undefined>(routeOperation, handler);
  if (operation === undefined) return undefined;
  const method = reflector.get<RequestMethod>(METHOD_METADATA, handler);
  const paths = [controller, handler].map((target) => reflector.get<string>(PATH_METADATA, target));
  const parts = paths.flatMap((path) => path.split('/')).filter((part) => part !== '');
  return {
    name,
    tag: controller.name.replace(/Controller$/, ''),
    method: RequestMethod[method].toLowerCase(),
    // Fastify's `:id` is OpenAPI's `{id}`.
    path: `/${parts.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/')}`,
    access: reflector.get<RouteAccess>(routeAccess, handler),
    operation,
    body: schemaOf(RouteParamtypes.BODY, controller, name),
    query: schemaOf(RouteParamtypes.QUERY, controller, name),
    params: schemaOf(RouteParamtypes.PARAM, controller, name),
  };
}

const routeArguments = z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({});

function schemaOf(kind: RouteParamtypes, controller: Target, name: string): z.ZodType | undefined {
  const declared = routeArguments.parse(Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name));
  const [, parameter] = Object.entries(declared).find(([key]) => key.startsWith(`${kind}:`)) ?? [];
  return parameter?.schema instanceof z.ZodType ? parameter.schema : undefined;
}
