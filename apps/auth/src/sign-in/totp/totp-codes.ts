import { execute, queryRows } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { totpStepOf } from './totp';

const stored = z.object({ secret: z.string(), confirmed: z.boolean() });

/** The codes of the authenticator app that an account has. */
@Injectable()
export class TotpCodes {
  constructor(private readonly fernet: Fernet) {}

  /** Whether there is an app, and whether a first code has confirmed it. */
  async state(manager: EntityManager, userId: string): Promise<'none' | 'begun' | 'confirmed'> {
    const credential = await this.find(manager, userId);
    if (credential === undefined) return 'none';
    return credential.confirmed ? 'confirmed' : 'begun';
  }

  /**
   * Uses a code up: its time step is remembered, so that neither it nor an older one counts again (RFC 6238 section 5.2).
   * @returns whether it was right; of two uses at once, one gets true
   */
  async use(manager: EntityManager, userId: string, code: string): Promise<boolean> {
    const credential = await this.find(manager, userId);
    if (credential === undefined) return false;
    const step = totpStepOf(this.fernet.decrypt(credential.secret), code);
    if (step === null) return false;
    const used = await execute(
      manager,
      'UPDATE totp_credentials SET last_used_step = $2 WHERE user_id = $1 AND last_used_step < $2 AND secret = $3',
      [userId, step, credential.secret],
    );
    return used === 1;
  }

  private async find(manager: EntityManager, userId: string): Promise<z.output<typeof stored> | undefined> {
    const sql = 'SELECT secret, confirmed_at IS NOT NULL AS confirmed FROM totp_credentials WHERE user_id = $1';
    return (await queryRows(manager, sql, [userId], stored))[0];
  }
}
