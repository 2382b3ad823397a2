import {
  createInvitation,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  type InvitationState,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../../test/as';
import { ownParameters, startAuth, type TestAuth } from '../../../test/auth';
import { anAddress, anInvitation, expire, invite, inviteAll, nextToken } from '../../../test/invitations';
import { aCustomRole, anOrganization, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const list = (
  by: User,
  organizationId: string,
  page: { state?: InvitationState; limit?: number; cursor?: string } = {},
) => auth.rpc.call(listInvitations, { organizationId, ...page }, as(by));
const resend = (by: User, organizationId: string, invitationId: string) =>
  auth.rpc.call(resendInvitation, { organizationId, invitationId }, as(by));
const revoke = (by: User, organizationId: string, invitationId: string) =>
  auth.rpc.call(revokeInvitation, { organizationId, invitationId }, as(by));

describe('an invitation', () => {
  it('is emailed with a link for seven days, and stored without the token', async () => {
    const { owner, id, email, invitation, token } = await anInvitation(auth);
    expect(invitation).toMatchObject({
      email,
      role: 'member',
      roleName: 'member',
      state: 'pending',
      invitedBy: { userId: owner.id, name: 'Ada' },
    });
    const days = (Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)) / 86_400_000;
    expect(days).toBeCloseTo(7, 3);
    const [mail] = await auth.mailsTo(email);
    expect(mail).toMatchObject({ organization: 'Acme', invitedBy: 'Ada', expiresInDays: 7 });
    expect(mail).toHaveProperty('url', `https://app.acme.test/invitation#token=${token}`);
    const [row] = await everywhere(auth, 'SELECT * FROM invitations WHERE organization_id = $1', [id]);
    expect(row?.['verifier_hash']).toContain(ownParameters);
    const [selector, verifier = ''] = token.split('.');
    expect(row?.['selector']).toBe(selector);
    expect(JSON.stringify(row)).not.toContain(verifier);
  });

  it('is listed newest first, by page and state, to members who can invite', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const states = ['pending', 'revoked', 'expired', 'accepted', 'declined'] as const;
    const made = [];
    for (const state of states) made.push({ state, ...{ id: (await invite(auth, owner, id, anAddress())).id } });
    for (const each of made) {
      if (each.state === 'expired') await expire(auth, each);
      else if (each.state !== 'pending')
        await everywhere(auth, `UPDATE invitations SET ${each.state}_at = now() WHERE id = $1`, [each.id]);
    }
    const all = await list(owner, id);
    expect(all.data.map((each) => ({ id: each.id, state: each.state }))).toEqual(made.toReversed());
    const first = await list(owner, id, { limit: 3 });
    const second = await list(owner, id, { limit: 3, cursor: String(first.nextCursor) });
    expect([...first.data, ...second.data]).toEqual(all.data);
    expect(second.nextCursor).toBeNull();
    for (const state of states) {
      expect((await list(owner, id, { state })).data.map((each) => each.state)).toEqual([state]);
    }
    expect(await outcome(list(await join(auth, id, 'admin'), id))).toBe('ok');
    expect(await outcome(list(await join(auth, id, 'member'), id))).toBe('permission_denied');
  });

  it('can be created once per email address, until it is revoked or expires', async () => {
    const { owner, id, email, invitation } = await anInvitation(auth);
    expect(await outcome(invite(auth, owner, id, email))).toBe('invitation_pending');
    expect(await outcome(invite(auth, owner, id, email.toUpperCase()))).toBe('invitation_pending');
    await revoke(owner, id, invitation.id);
    const second = await invite(auth, owner, id, email);
    await expire(auth, second);
    const third = await invite(auth, owner, id, email);
    const states = (await list(owner, id)).data.map((each) => [each.id, each.state]);
    expect(states).toEqual([
      [third.id, 'pending'],
      [second.id, 'expired'],
      [invitation.id, 'revoked'],
    ]);
  });

  it('can only be created by members who can invite, to a role without more permissions than their own, never owner', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    const inviter = await join(
      auth,
      id,
      await aCustomRole(auth, id, ['members:invite', 'members:read', 'organization:read']),
    );
    const { customRoleId: payer } = await aCustomRole(auth, id, ['billing:manage'], 'Payer');
    const { customRoleId: foreign } = await aCustomRole(auth, (await anOrganization(auth)).organization.id, []);
    const as = async (by: User, role: 'admin' | 'member' | 'viewer' | (string & {})) =>
      outcome(invite(auth, by, id, anAddress(), role));
    expect(await as(await join(auth, id, 'member'), 'viewer')).toBe('permission_denied');
    expect(await as(await auth.aUser(), 'viewer')).toBe('not_found');
    expect(await as(inviter, 'viewer')).toBe('ok');
    expect(await as(inviter, 'member')).toBe('permission_denied');
    expect(await as(inviter, 'admin')).toBe('permission_denied');
    expect(await as(admin, 'admin')).toBe('ok');
    expect(await as(admin, payer)).toBe('permission_denied');
    expect(await as(owner, payer)).toBe('ok');
    expect(await as(owner, foreign)).toBe('validation_failed');
    const wish = { organizationId: id, email: anAddress(), role: 'owner' };
    expect(createInvitation.request.safeParse(wish).error?.issues).toMatchObject([{ path: ['role'] }]);
  });

  it('to a member is refused only for those who can see members', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const { email } = await join(auth, id, 'viewer');
    expect(await outcome(invite(auth, owner, id, email))).toBe('already_member');
    const blind = await join(
      auth,
      id,
      await aCustomRole(auth, id, ['members:invite', 'organization:read', 'members:manage']),
    );
    const { customRoleId } = await aCustomRole(auth, id, ['organization:read']);
    const [member, stranger] = [
      await invite(auth, blind, id, email, customRoleId),
      await invite(auth, blind, id, anAddress(), customRoleId),
    ];
    expect(Object.keys(member)).toEqual(Object.keys(stranger));
    expect(member.state).toBe(stranger.state);
  });

  it('does not reveal whether the email address has an account', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { email: known } = await auth.aUser();
    const shapeOf = async (email: string) => {
      const {
        id: _id,
        email: _email,
        createdAt,
        sentAt,
        expiresAt,
        ...rest
      } = await invite(auth, owner, organization.id, email);
      expect([createdAt, sentAt, expiresAt]).not.toContain(undefined);
      return rest;
    };
    expect(await shapeOf(known)).toEqual(await shapeOf(anAddress()));
  });

  it('returns not_found if it does not exist or belongs to another organization', async () => {
    const { owner, id, invitation } = await anInvitation(auth);
    const other = await anOrganization(auth);
    for (const call of [resend, revoke]) {
      expect(await outcome(call(owner, id, newId()))).toBe('not_found');
      expect(await outcome(call(other.owner, other.organization.id, invitation.id))).toBe('not_found');
      expect(await outcome(call(other.owner, id, invitation.id))).toBe('not_found');
    }
  });

  it('is refused while the organization is being deleted or suspended', async () => {
    const { owner, id, invitation } = await anInvitation(auth);
    const answers = async () => [
      await outcome(invite(auth, owner, id, anAddress())),
      await outcome(inviteAll(auth, owner, id, [anAddress()])),
      await outcome(resend(owner, id, invitation.id)),
    ];
    await everywhere(
      auth,
      `UPDATE organizations SET deletion_requested_at = now(), delete_after = now() WHERE id = $1`,
      [id],
    );
    expect(await answers()).toEqual(['not_found', 'not_found', 'not_found']);
    await everywhere(
      auth,
      'UPDATE organizations SET deletion_requested_at = NULL, delete_after = NULL, suspended_at = now() WHERE id = $1',
      [id],
    );
    expect(await answers()).toEqual(Array<string>(3).fill('organization_suspended'));
  });
});

describe('resending an invitation', () => {
  it('creates a new link for another week and ends the old one', async () => {
    const { owner, id, email, invitation, token } = await anInvitation(auth);
    await expire(auth, invitation);
    const again = await resend(owner, id, invitation.id);
    expect(again).toMatchObject({ id: invitation.id, state: 'pending', createdAt: invitation.createdAt });
    expect(Date.parse(again.expiresAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    const second = await nextToken(auth, email, 1);
    expect(second.split('.')[0]).not.toBe(token.split('.')[0]);
    const rows = await everywhere(auth, 'SELECT selector FROM invitations WHERE organization_id = $1', [id]);
    expect(rows).toEqual([{ selector: second.split('.')[0] }]);
  });

  it('is refused for revoked or answered ones, and for roles that the inviter cannot assign', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    for (const column of ['revoked_at', 'accepted_at', 'declined_at']) {
      const { id: over } = await invite(auth, owner, id, anAddress());
      await everywhere(auth, `UPDATE invitations SET ${column} = now() WHERE id = $1`, [over]);
      expect(await outcome(resend(owner, id, over))).toBe('not_found');
      expect(await outcome(revoke(owner, id, over))).toBe('not_found');
    }
    const { customRoleId: payer } = await aCustomRole(auth, id, ['billing:manage']);
    const paying = await invite(auth, owner, id, anAddress(), payer);
    expect(await outcome(resend(await join(auth, id, 'admin'), id, paying.id))).toBe('permission_denied');
  });
});
