import { Controller, Get, type INestApplication } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { configFor } from '../../test/gateway';
import { GatewayConfig } from '../config';
import { ProblemFilter } from '../problem/problem.filter';
import { RouteTable } from '../problem/route-table';
import { Public } from './access.decorators';
import { AccessGuard } from './access.guard';
import { CsrfDefense } from '../edge/csrf';

@Controller()
class Routes {
  @Get('forgotten')
  forgotten(): string {
    return 'secret';
  }

  @Public()
  @Get('public')
  open(): string {
    return 'for all';
  }
}

let application: INestApplication & NestFastifyApplication;
beforeAll(async () => {
  const module = await Test.createTestingModule({
    controllers: [Routes],
    providers: [
      { provide: APP_GUARD, useClass: AccessGuard },
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: GatewayConfig, useValue: configFor('redis://127.0.0.1', 'postgres://127.0.0.1/none') },
      RouteTable,
      CsrfDefense,
    ],
  }).compile();
  application = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await application.init();
});
afterAll(() => application.close());

it('closes a route that declares no access to everyone', async () => {
  const response = await application.inject('/forgotten');
  expect(response.statusCode).toBe(404);
  expect(response.body).not.toContain('secret');
});

it('opens a public route to everyone', async () => {
  expect((await application.inject('/public')).body).toBe('for all');
});
