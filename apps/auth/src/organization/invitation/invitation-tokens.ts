import { invitationState, ProblemError } from '#libs/contracts';
import { acrossTenants, queryPrepared } from '#libs/database';
import {
  createOneTimeToken,
  hashVerifier,
  parseOneTimeToken,
  PasswordHasher,
  type NewOneTimeToken,
} from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { memberRole } from '../organization/organizations';
import { invitedRoleColumns, joinInvitedRoles, stateColumn } from './invitations';

const purpose = 'invitation';

const offer = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    suspendedAt: z.date().nullable(),
    deleteAfter: z.date().nullable(),
    inviterName: z.string().nullable(),
    email: z.string(),
    state: invitationState,
    expiresAt: z.date(),
    selector: z.string(),
    verifierHash: z.string(),
  })
  .and(memberRole);
/** An invitation as the holder of its link meets it. */
export type Offer = z.output<typeof offer>;
export type OfferUse = 'join' | 'decline';

const bySelector = {
  name: 'invitation-by-selector',
  sql: `
    SELECT invitations.id, invitations.organization_id AS "organizationId", organizations.name AS "organizationName",
      organizations.suspended_at AS "suspendedAt", organizations.delete_after AS "deleteAfter",
      users.name AS "inviterName", invitations.email,
      ${stateColumn}, invitations.expires_at AS "expiresAt", invitations.selector,
      invitations.verifier_hash AS "verifierHash", ${invitedRoleColumns}
    FROM invitations JOIN organizations ON organizations.id = invitations.organization_id
      LEFT JOIN users ON users.id = invited_by ${joinInvitedRoles}
    WHERE invitations.selector = $1`,
  row: offer,
};

/** Links to invitations: as other one-time tokens (ADR 3), but that the verifier's hash is hashed once more, with Argon2id. */
@Injectable()
export class InvitationTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
  ) {}

  async create(): Promise<NewOneTimeToken> {
    const made = createOneTimeToken(purpose);
    return { ...made, verifierHash: await this.hasher.hash(made.verifierHash) };
  }

  /**
   * What the token is for, found by its secret instead of a tenant. An unknown selector costs what a wrong verifier does, and only who has the token hears why it is over.
   * @param use nobody can join a closed organization, but anyone can decline to
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `organization_suspended`
   */
  async open(token: string, use: OfferUse = 'join'): Promise<Offer> {
    const parts = parseOneTimeToken(token);
    if (parts === null) throw new ProblemError('token_invalid');
    const found = await this.dataSource.transaction(async (manager) => {
      await acrossTenants(manager);
      return offerBySelector(manager, parts.selector);
    });
    const { matches } = await this.hasher.verify(found?.verifierHash ?? null, hashVerifier(purpose, parts.verifier));
    if (found === undefined || !matches) throw new ProblemError('token_invalid');
    refuseWhatIsOver(found, use);
    return found;
  }
}

/** Among those that the transaction may see. */
export async function offerBySelector(manager: EntityManager, selector: string): Promise<Offer | undefined> {
  return (await queryPrepared(manager, bySelector, [selector]))[0];
}

/** @throws ProblemError unless it can be answered */
export function refuseWhatIsOver({ state, deleteAfter, suspendedAt }: Offer, use: OfferUse): void {
  if (state === 'accepted' || state === 'declined') throw new ProblemError('token_used');
  const joins = use === 'join';
  if (state === 'revoked' || (joins && deleteAfter !== null)) throw new ProblemError('token_invalid');
  if (state === 'expired') throw new ProblemError('token_expired');
  if (joins && suspendedAt !== null) throw new ProblemError('organization_suspended');
}
