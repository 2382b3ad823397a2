import { constantTimeEqual } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHmac, randomUUID } from 'node:crypto';
import { GatewayConfig } from '../config';
import { cookieNames, deviceCookie } from './session-cookies';

/**
 * Remembers that a browser has signed in to an account: `<device id>.<HMAC over id and email>`. Failed
 * attempts of such a device are counted separately, so strangers can't lock the owner out (OWASP, "Slow
 * Down Online Guessing Attacks with Device Cookies"). The cookie gives no access by itself.
 */
@Injectable()
export class DeviceCookies {
  constructor(private readonly config: GatewayConfig) {}

  /** Returns the device's id if it has signed in to this account before. */
  recognize({ cookies }: Pick<FastifyRequest, 'cookies'>, email: string): string | null {
    const [deviceId = '', signature = ''] = (cookies[cookieNames.device] ?? '').slice(0, 256).split('.');
    return constantTimeEqual(signature, this.sign(deviceId, email)) ? deviceId : null;
  }

  /** Adds the device to the request context, before a sign-in to `email`. */
  introduce(request: FastifyRequest, email: string): void {
    const { client } = request.context;
    if (client !== null) request.context.client = { ...client, deviceId: this.recognize(request, email) };
  }

  remember(request: FastifyRequest, reply: FastifyReply, email: string): void {
    const deviceId = this.recognize(request, email) ?? randomUUID();
    reply.setCookie(cookieNames.device, `${deviceId}.${this.sign(deviceId, email)}`, deviceCookie);
  }

  private sign(deviceId: string, email: string): string {
    return createHmac('sha256', this.config.csrfSecret).update(`device\0${deviceId}\0${email}`).digest('base64url');
  }
}
