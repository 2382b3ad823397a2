import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
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
}

type Handler = (...args: never[]) => unknown;

/** The routes of all controllers that are described by `@Operation()`; pages are not part of the API. */
export function describedRoutes(discovery: DiscoveryService): DescribedRoute[] {
  const scanner = new MetadataScanner();
  return discovery.getControllers().flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype: Record<string, Handler> = metatype.prototype;
    return scanner.getAllMethodNames(prototype).flatMap((name) => routeOf(metatype, name, prototype[name]) ?? []);
  });
}

function routeOf(
  controller: NewableFunction | Handler,
  name: string,
  handler: Handler | undefined,
): DescribedRoute | undefined {
  if (handler === undefined) return undefined;
  const operation: OperationDescription | undefined = Reflect.getMetadata(routeOperation, handler);
  if (operation === undefined) return undefined;
  const paths = [Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)].map(
    String,
  );
  const method: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler);
  return {
    name,
    tag: controller.name.replace(/Controller$/, ''),
    method: RequestMethod[method].toLowerCase(),
    path: `/${paths
      .flatMap((path) => path.split('/'))
      .filter((part) => part !== '')
      .join('/')}`,
    access: Reflect.getMetadata(routeAccess, handler),
    operation,
    body: bodySchema(Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name)),
  };
}

const routeArguments = z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({});

function bodySchema(metadata: unknown): z.ZodType | undefined {
  const [, body] =
    Object.entries(routeArguments.parse(metadata)).find(([key]) => key.startsWith(`${RouteParamtypes.BODY}:`)) ?? [];
  return body?.schema instanceof z.ZodType ? body.schema : undefined;
}
