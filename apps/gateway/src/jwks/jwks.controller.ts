import { getSigningKeys, type ResponseOf } from '#libs/contracts';
import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../access/access.decorators';
import { SigningKeys } from '../access/signing-keys';
import { Operation } from '../openapi/operation';

@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  @Public()
  @Operation({
    summary: 'The keys that access tokens are verified with (RFC 7517)',
    contract: getSigningKeys,
    status: 200,
  })
  @Header('cache-control', 'public, max-age=60')
  @Get('jwks.json')
  published(): Promise<ResponseOf<typeof getSigningKeys>> {
    return this.keys.published();
  }
}
