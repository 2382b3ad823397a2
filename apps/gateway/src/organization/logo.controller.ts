import { removeLogo, storeLogo, type Organization } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Delete, Param, Put, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Authenticated } from '../access/access.decorators';
import { PictureWork } from '../avatar/picture-work';
import { pictureForm, receivePicture } from '../avatar/receive-picture';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { organizationPath, type OrganizationPath } from './organization-id';

@Controller('api/v1/organizations/:id/logo')
export class LogoController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly work: PictureWork,
  ) {}

  @Authenticated()
  @RateLimit('picture')
  @Operation({
    summary: 'Upload the logo of an organization',
    description:
      'A form with one file of at most 5 MB: JPEG, PNG, WebP or AVIF. It is cut to a square and kept as WebP without metadata. `logoUrl` then is an address that works for some minutes.',
    contract: storeLogo,
    status: 200,
    form: pictureForm,
    errors: ['csrf_failed', 'image_rejected'],
  })
  @RouteConfig({ upload: true })
  @Put()
  store(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Req() request: FastifyRequest,
  ): Promise<Organization> {
    return receivePicture(this.work, request, (picture) => this.rpc.call(storeLogo, { organizationId: id, picture }));
  }

  @Authenticated()
  @Operation({
    summary: 'Remove the logo of an organization',
    contract: removeLogo,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete()
  async remove(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<void> {
    await this.rpc.call(removeLogo, { organizationId: id });
  }
}
