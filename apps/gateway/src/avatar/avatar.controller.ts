import { avatarAddress, getAvatar, removeAvatar, storeAvatar, type User } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Delete, Get, Param, Put, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Authenticated, Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { PictureWork } from './picture-work';
import { pictureForm, receivePicture } from './receive-picture';

const which = avatarAddress.pick({ id: true });
const permission = avatarAddress.omit({ id: true });

@Controller('api/v1')
export class AvatarController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly work: PictureWork,
  ) {}

  @Authenticated()
  @RateLimit('picture')
  @Operation({
    summary: 'Upload your picture',
    description:
      'A form with one file of at most 5 MB: JPEG, PNG, WebP or AVIF. It is cut to a square and kept as WebP without metadata. `avatarUrl` then is an address that works for some minutes.',
    contract: storeAvatar,
    status: 200,
    form: pictureForm,
    errors: ['csrf_failed', 'image_rejected'],
  })
  @RouteConfig({ upload: true })
  @Put('users/me/avatar')
  store(@Req() request: FastifyRequest): Promise<User> {
    return receivePicture(this.work, request, (picture) => this.rpc.call(storeAvatar, { picture }));
  }

  @Authenticated()
  @Operation({ summary: 'Remove your picture', contract: removeAvatar, status: 204, errors: ['csrf_failed'] })
  @Delete('users/me/avatar')
  async remove(): Promise<void> {
    await this.rpc.call(removeAvatar, {});
  }

  @Public()
  @Operation({
    summary: 'A picture, by an address that `avatarUrl` gave',
    contract: getAvatar,
    status: 200,
    answer: z.file(),
    mediaType: 'image/webp',
  })
  @Get('avatars/:id')
  async show(
    @Param({ schema: which }) { id }: z.output<typeof which>,
    @Query({ schema: permission }) query: z.output<typeof permission>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { picture, expiresInSeconds } = await this.rpc.call(getAvatar, { id, ...query });
    reply.headers({
      'content-type': 'image/webp',
      'content-disposition': 'inline',
      'cache-control': `private, max-age=${expiresInSeconds}`,
      // Pages of other origins may show it: whoever has the address may see the picture.
      'cross-origin-resource-policy': 'cross-origin',
    });
    return Buffer.from(picture, 'base64');
  }
}
