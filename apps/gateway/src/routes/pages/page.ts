import { applyDecorators, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Public } from '../../access/access.decorators';

/** A page that a person opens in a browser: public, HTML, with the content security policy of pages. */
export const Page = (path: string | string[]) =>
  applyDecorators(Public(), RouteConfig({ page: true }), Header('content-type', 'text/html; charset=utf-8'), Get(path));
