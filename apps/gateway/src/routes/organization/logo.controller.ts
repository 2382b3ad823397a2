import { storeLogo, type Organization } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Param, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PictureWork } from '../account/picture-work';
import { pictureForm, receivePicture } from '../account/receive-picture';
import { Route } from '../contract/route';
import type { z } from 'zod';

const organizationPath = storeLogo.request.pick({ organizationId: true });

@Controller()
export class LogoController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly work: PictureWork,
  ) {}

  @Route(storeLogo, { form: pictureForm, errors: ['image_rejected'] })
  @RouteConfig({ upload: true })
  store(
    @Param({ schema: organizationPath }) organization: z.output<typeof organizationPath>,
    @Req() request: FastifyRequest,
  ): Promise<Organization> {
    return receivePicture(this.work, request, (picture) => this.rpc.call(storeLogo, { ...organization, picture }));
  }
}
