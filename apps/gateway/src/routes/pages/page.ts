import { applyDecorators, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Public } from '../../access/access.decorators';

/** A public HTML page for browsers, with the content security policy of pages. */
export const Page = (path: string | string[]) =>
  applyDecorators(Public(), RouteConfig({ page: true }), Header('content-type', 'text/html; charset=utf-8'), Get(path));
