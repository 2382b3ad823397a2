import { avatarAddress, getAvatar, storeAvatar, type User } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PictureWork } from './picture-work';
import { pictureForm, receivePicture } from './receive-picture';
import { Route } from '../contract/route';

const which = avatarAddress.pick({ id: true });
const permission = avatarAddress.omit({ id: true });

@Controller()
export class AvatarController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly work: PictureWork,
  ) {}

  @Route(storeAvatar, { form: pictureForm, errors: ['image_rejected'] })
  @RouteConfig({ upload: true })
  store(@Req() request: FastifyRequest): Promise<User> {
    return receivePicture(this.work, request, (picture) => this.rpc.call(storeAvatar, { picture }));
  }

  @Route(getAvatar, { mediaType: 'image/webp' })
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
      // Pages of other origins can show it, because the URL is the permission.
      'cross-origin-resource-policy': 'cross-origin',
    });
    return Buffer.from(picture, 'base64');
  }
}
