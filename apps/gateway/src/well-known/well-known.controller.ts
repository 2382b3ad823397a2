import { getSigningKeys, ProblemError, type ResponseOf } from '#libs/contracts';
import { locales } from '#libs/validation';
import { Controller, Get, Header, Redirect } from '@nestjs/common';
import { z } from 'zod';
import { Public } from '../access/access.decorators';
import { SigningKeys } from '../access/signing-keys';
import { GatewayConfig } from '../config';
import { Operation } from '../openapi/operation';

/** RFC 9116 section 2.5.5 recommends less than a year. */
const securityTxtDays = 180;

/** Addresses that programs look up by convention (RFC 8615). */
@Controller('.well-known')
export class WellKnownController {
  constructor(
    private readonly config: GatewayConfig,
    private readonly keys: SigningKeys,
  ) {}

  @Public()
  @Operation({
    summary: 'The keys that access tokens are verified with (RFC 7517)',
    contract: getSigningKeys,
    status: 200,
  })
  @Header('cache-control', 'public, max-age=60')
  @Get('jwks.json')
  jwks(): Promise<ResponseOf<typeof getSigningKeys>> {
    return this.keys.published();
  }

  @Public()
  @Operation({
    summary: 'Where password managers send people to change their password',
    description: 'A well-known URL for changing passwords, W3C working draft.',
    status: 302,
  })
  @Get('change-password')
  @Redirect('/forgot-password', 302)
  changePassword(): void {}

  @Public()
  @Operation({
    summary: 'Whom to tell of a vulnerability (RFC 9116)',
    description: 'Only where SECURITY_CONTACT is set.',
    status: 200,
    answer: z.string(),
    mediaType: 'text/plain',
    errors: ['not_found'],
  })
  @Header('content-type', 'text/plain; charset=utf-8')
  @Get('security.txt')
  securityTxt(): string {
    const { securityContact, publicUrl } = this.config;
    if (securityContact === undefined) throw new ProblemError('not_found');
    return [
      `Contact: ${securityContact}`,
      `Expires: ${new Date(Date.now() + securityTxtDays * 86_400_000).toISOString()}`,
      `Preferred-Languages: ${locales.join(', ')}`,
      `Canonical: ${publicUrl}/.well-known/security.txt`,
      '',
    ].join('\n');
  }
}
