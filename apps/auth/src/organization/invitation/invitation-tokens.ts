import { invitationState, ProblemError } from '#libs/contracts';
import { columnsOf, queryPrepared, transactAcrossTenants } from '#libs/database';
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
import { joinRolesOf, memberRole, roleColumnsOf } from '../organization/organization-roles.table';
import { OrganizationRecord } from '../organization/organizations.table';
import { InvitationRecord, stateColumn } from './invitations.table';

const purpose = 'invitation';

const stored = columnsOf(InvitationRecord, [
  ...(['id', 'organizationId', 'email', 'expiresAt', 'selector', 'verifierHash'] as const),
]);
const closing = columnsOf(OrganizationRecord, ['suspendedAt', 'deleteAfter']);
const names = z.object({ organizationName: z.string(), inviterName: z.string().nullable(), state: invitationState });
const offer = stored.row.and(closing.row).and(names).and(memberRole);
/** An invitation, as the holder of its link sees it. */
export type Offer = z.output<typeof offer>;
export type OfferUse = 'join' | 'decline';

const bySelector = {
  name: 'invitation-by-selector',
  sql: `
    SELECT ${stored.list}, ${closing.list}, organizations.name AS "organizationName", users.name AS "inviterName",
      ${stateColumn}, ${roleColumnsOf('invitations')}
    FROM invitations JOIN organizations ON organizations.id = invitations.organization_id
      LEFT JOIN users ON users.id = invited_by ${joinRolesOf('invitations')}
    WHERE invitations.selector = $1`,
  row: offer,
};

/**
 * Links to invitations. They differ from other one-time tokens (ADR 3): the verifier's hash is hashed again with
 * Argon2id.
 */
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
   * Finds an invitation by its secret, without a tenant. An unknown selector costs the same as a wrong verifier,
   * and only the holder of the token learns why it no longer works.
   * @param use no one can join a closed organization, but anyone can decline
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `organization_suspended`
   */
  async open(token: string, use: OfferUse = 'join'): Promise<Offer> {
    const parts = parseOneTimeToken(token);
    if (parts === null) throw new ProblemError('token_invalid');
    const find = (manager: EntityManager) => offerBySelector(manager, parts.selector);
    const found = await transactAcrossTenants(this.dataSource, find);
    const { matches } = await this.hasher.verify(found?.verifierHash ?? null, hashVerifier(purpose, parts.verifier));
    if (found === undefined || !matches) throw new ProblemError('token_invalid');
    refuseWhatIsOver(found, use);
    return found;
  }
}

/** Looks among the invitations that the transaction can see. */
export async function offerBySelector(manager: EntityManager, selector: string): Promise<Offer | undefined> {
  return (await queryPrepared(manager, bySelector, [selector]))[0];
}

/** @throws ProblemError if it can no longer be answered */
export function refuseWhatIsOver({ state, deleteAfter, suspendedAt }: Offer, use: OfferUse): void {
  if (state === 'accepted' || state === 'declined') throw new ProblemError('token_used');
  const joins = use === 'join';
  if (state === 'revoked' || (joins && deleteAfter !== null)) throw new ProblemError('token_invalid');
  if (state === 'expired') throw new ProblemError('token_expired');
  if (joins && suspendedAt !== null) throw new ProblemError('organization_suspended');
}
