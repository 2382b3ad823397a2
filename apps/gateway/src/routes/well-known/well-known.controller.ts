import { getSigningKeys, ProblemError, type ResponseOf } from '#libs/contracts';
import { locales } from '#libs/validation';
import { Controller, Get, Header, Redirect } from '@nestjs/common';
import { z } from 'zod';
import { Public } from '../../access/access.decorators';
import { SigningKeys } from '../../access/signing-keys';
import { GatewayConfig } from '../../config';
import { Operation } from '../../access/operation';
import { Route } from '../contract/route';

/** RFC 9116 section 2.5.5 recommends less than a year. */
const securityTxtDays = 180;

/** URLs that programs look up by convention (RFC 8615). */
@Controller()
export class WellKnownController {
  constructor(
    private readonly config: GatewayConfig,
    private readonly keys: SigningKeys,
  ) {}

  @Route(getSigningKeys)
  @Header('cache-control', 'public, max-age=60')
  jwks(): Promise<ResponseOf<typeof getSigningKeys>> {
    return this.keys.published();
  }

  @Public()
  @Operation({
    id: 'wellKnown.changePassword',
    summary: 'Go to the page for changing a password',
    description: 'Password managers use it (W3C, A Well-Known URL for Changing Passwords).',
    status: 302,
  })
  @Get('.well-known/change-password')
  @Redirect('/forgot-password', 302)
  changePassword(): void {}

  @Public()
  @Operation({
    id: 'wellKnown.securityTxt',
    summary: 'Get the security contact',
    description: 'RFC 9116. Returns 404 unless SECURITY_CONTACT is set.',
    status: 200,
    response: z.string(),
    mediaType: 'text/plain',
    errors: ['not_found'],
  })
  @Header('content-type', 'text/plain; charset=utf-8')
  @Get('.well-known/security.txt')
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
