import {
  acceptInvitation,
  declineInvitation,
  deleteOrganization,
  registerByInvitation,
  resendInvitation,
  revokeInvitation,
} from '#libs/contracts';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { anAddress, anInvitation, invite, inviteAll, limitSeats, rolesIn } from '../../../test/invitations';
import { anOrganization, atOnce, everywhere } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
// Ten requests at once, and the queries that observe them.
beforeAll(async () => (auth = await startAuth(undefined, { DATABASE_POOL_SIZE: '16' })));

const accept = (user: User, token: string) => auth.rpc.call(acceptInvitation, { token }, as(user));
const statesOf = async (organizationId: string) =>
  everywhere(
    auth,
    `SELECT accepted_at IS NOT NULL AS accepted, declined_at IS NOT NULL AS declined, revoked_at IS NOT NULL AS revoked
     FROM invitations WHERE organization_id = $1`,
    [organizationId],
  );

describe('concurrent requests', () => {
  it('make one membership of five accepts of one invitation', async () => {
    const user = await auth.aUser();
    const { organization, token } = await anInvitation(auth, user.email);
    const ends = await atOnce(
      auth,
      organization,
      Array.from({ length: 5 }, () => () => accept(user, token)),
    );
    expect(ends.toSorted()).toEqual(['ok', ...Array<string>(4).fill('token_used')]);
    expect(await rolesIn(auth, organization.id)).toEqual(['owner', 'member']);
  });

  it('make one account and one membership of two sign-ups with one invitation', async () => {
    const { organization, email, token } = await anInvitation(auth);
    const wish = { token, name: 'Grace', password: 'tomatoes grow in june' };
    const ends = await Promise.all([1, 2].map(() => outcome(auth.rpc.call(registerByInvitation, wish))));
    expect(ends).toContain('ok');
    expect(ends.filter((end) => end === 'ok')).toHaveLength(1);
    expect(ends.find((end) => end !== 'ok')).toMatch(/^(email_taken|token_used)$/);
    expect(await rolesIn(auth, organization.id)).toEqual(['owner', 'member']);
    expect(await auth.dataSource.query('SELECT 1 AS one FROM users WHERE email = $1', [email])).toHaveLength(1);
  });

  it.each([1, 2, 3, 4, 5])('let either accept or revoke win (%d)', async () => {
    const user = await auth.aUser();
    const { owner, id, token, invitation } = await anInvitation(auth, user.email);
    const revoke = auth.rpc.call(revokeInvitation, { organizationId: id, invitationId: invitation.id }, as(owner));
    const [accepted, revoked] = await Promise.all([outcome(accept(user, token)), outcome(revoke)]);
    const [state] = await statesOf(id);
    if (accepted === 'ok') expect([revoked, state?.['revoked']]).toEqual(['not_found', false]);
    else expect([accepted, revoked, state?.['accepted']]).toEqual(['token_invalid', 'ok', false]);
    expect(await rolesIn(auth, id)).toHaveLength(accepted === 'ok' ? 2 : 1);
  });

  it('refuse an invitation that is revoked between the check and the lock', async () => {
    const user = await auth.aUser();
    const { owner, organization, id, token, invitation } = await anInvitation(auth, user.email);
    const ends = await atOnce(auth, organization, [() => accept(user, token)], () =>
      auth.rpc.call(revokeInvitation, { organizationId: id, invitationId: invitation.id }, as(owner)),
    );
    expect(ends).toEqual(['token_invalid']);
    expect(await rolesIn(auth, id)).toEqual(['owner']);
  });

  it('let either accept or decline win', async () => {
    const user = await auth.aUser();
    const { id, token } = await anInvitation(auth, user.email);
    const ends = await Promise.all([
      outcome(accept(user, token)),
      outcome(auth.rpc.call(declineInvitation, { token })),
    ]);
    expect(ends.toSorted()).toEqual(['ok', 'token_used']);
    expect(await rolesIn(auth, id)).toHaveLength(ends[0] === 'ok' ? 2 : 1);
  });

  it.each([
    ['accepting', ['ok', 'not_found'], ['owner', 'member']],
    ['sending again', ['token_invalid', 'ok'], ['owner']],
  ])('let %s win if it comes first, of accepting and resending', async (first, ends, roles) => {
    const user = await auth.aUser();
    const { owner, organization, id, token, invitation } = await anInvitation(auth, user.email);
    const calls = [
      () => accept(user, token),
      () => auth.rpc.call(resendInvitation, { organizationId: id, invitationId: invitation.id }, as(owner)),
    ];
    const inTurn = await atOnce(auth, organization, first === 'accepting' ? calls : calls.toReversed());
    expect(first === 'accepting' ? inTurn : inTurn.toReversed()).toEqual(ends);
    expect(await rolesIn(auth, id)).toEqual(roles);
  });

  it('let no one join an organization that is being deleted', async () => {
    const user = await auth.aUser();
    const { owner, organization, id, token } = await anInvitation(auth, user.email);
    const ends = await atOnce(auth, organization, [
      () => auth.rpc.call(deleteOrganization, { organizationId: id }, as(owner)),
      () => invite(auth, owner, id, anAddress()),
      () => accept(user, token),
    ]);
    expect(ends).toEqual(['ok', 'not_found', 'token_invalid']);
    expect(await statesOf(id)).toHaveLength(1);
  });

  it('let those join who came before the deletion of the organization', async () => {
    const user = await auth.aUser();
    const { owner, organization, id, token } = await anInvitation(auth, user.email);
    const ends = await atOnce(auth, organization, [
      () => invite(auth, owner, id, anAddress()),
      () => accept(user, token),
      () => auth.rpc.call(deleteOrganization, { organizationId: id }, as(owner)),
    ]);
    expect(ends).toEqual(['ok', 'ok', 'ok']);
    expect(await outcome(invite(auth, owner, id, anAddress()))).toBe('not_found');
    expect(await statesOf(id)).toHaveLength(2);
  });

  it('create one of two invitations to the same email address', async () => {
    const { owner, organization } = await anOrganization(auth);
    const email = anAddress();
    const ends = await atOnce(auth, organization, [
      () => invite(auth, owner, organization.id, email),
      () => invite(auth, owner, organization.id, email),
    ]);
    expect(ends.toSorted()).toEqual(['invitation_pending', 'ok']);
    expect(await statesOf(organization.id)).toHaveLength(1);
  });

  it('create three of ten invitations for three seats', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    await limitSeats(auth, id, 4);
    const calls = Array.from({ length: 10 }, () => () => invite(auth, owner, id, anAddress()));
    const ends = await atOnce(auth, organization, calls);
    expect(ends.toSorted()).toEqual([...Array<string>(3).fill('ok'), ...Array<string>(7).fill('seat_limit_reached')]);
    expect(await statesOf(id)).toHaveLength(3);
  });

  it('create three of ten invitations for three seats, even if some are in one request', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    await limitSeats(auth, id, 4);
    const singly = Array.from({ length: 5 }, () => () => invite(auth, owner, id, anAddress()));
    const together = () => inviteAll(auth, owner, id, Array.from({ length: 5 }, anAddress));
    await atOnce(auth, organization, [...singly, together]);
    expect(await statesOf(id)).toHaveLength(3);
  });
});
