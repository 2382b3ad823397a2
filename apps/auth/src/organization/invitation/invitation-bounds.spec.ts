import { z } from 'zod';
import {
  createInvitations,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  type InvitationState,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { eventually } from '#libs/testing';
import { as, outcome } from '../../../test/as';
import { startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import {
  anAddress,
  anInvitation,
  expire,
  invitationsMailed,
  invite,
  inviteAll,
  limitSeats,
} from '../../../test/invitations';
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

describe('many invitations at once', () => {
  it('get a result each, in their order', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const [member, pending, twice] = [(await join(auth, id, 'member')).email, anAddress(), anAddress()];
    await invite(auth, owner, id, pending);
    const outcomes = await inviteAll(auth, owner, id, [twice, member, pending, twice.toUpperCase(), anAddress()]);
    expect(outcomes.map(({ refusal }) => refusal)).toEqual([
      null,
      'already_member',
      'invitation_pending',
      'invitation_pending',
      null,
    ]);
    expect(outcomes.map(({ email }) => email).slice(0, 4)).toEqual([twice, member, pending, twice]);
    expect(outcomes.map(({ invitation }) => invitation?.state ?? null)).toEqual([
      'pending',
      null,
      null,
      null,
      'pending',
    ]);
    expect(await invitationsMailed(auth, twice)).toBe(1);
  });

  it('are refused one by one if the inviter cannot assign the role', async () => {
    const { organization } = await anOrganization(auth);
    const admin = await join(auth, organization.id, 'admin');
    const { customRoleId: payer } = await aCustomRole(auth, organization.id, ['billing:manage']);
    const wishes = [payer, newId(), 'viewer' as const].map((role) => ({ email: anAddress(), role }));
    const { data } = await auth.rpc.call(
      createInvitations,
      { organizationId: organization.id, invitations: wishes },
      as(admin),
    );
    expect(data.map(({ refusal }) => refusal)).toEqual(['permission_denied', 'validation_failed', null]);
  });

  it('are limited to a hundred per request, and finish within its deadline', async () => {
    const { owner, organization } = await anOrganization(auth);
    const wishes = (count: number) => Array.from({ length: count }, () => ({ email: anAddress(), role: 'member' }));
    for (const count of [0, 101, 1_000]) {
      const request = { organizationId: organization.id, invitations: wishes(count) };
      expect(createInvitations.request.safeParse(request).error?.issues).toMatchObject([{ path: ['invitations'] }]);
    }
    const outcomes = await inviteAll(
      auth,
      owner,
      organization.id,
      wishes(100).map(({ email }) => email),
    );
    expect(outcomes.filter(({ invitation }) => invitation !== null)).toHaveLength(100);
  });
});

describe('the number of invitations', () => {
  it('is limited by the seats, together with the members; resending an expired one takes a seat, revoking frees one', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    await limitSeats(auth, id, 3);
    const outcomes = await inviteAll(auth, owner, id, [anAddress(), anAddress(), anAddress()]);
    expect(outcomes.map(({ refusal }) => refusal)).toEqual([null, null, 'seat_limit_reached']);
    const [first, second] = (await list(owner, id)).data;
    if (first === undefined || second === undefined) throw new Error('Nobody was invited.');
    expect(await outcome(resend(owner, id, first.id))).toBe('ok');
    await expire(auth, first);
    expect(await outcome(invite(auth, owner, id, anAddress()))).toBe('ok');
    expect(await outcome(resend(owner, id, first.id))).toBe('seat_limit_reached');
    await revoke(owner, id, second.id);
    expect(await outcome(resend(owner, id, first.id))).toBe('ok');
    await limitSeats(auth, id, null);
    expect(await outcome(invite(auth, owner, id, anAddress()))).toBe('ok');
  });

  it('is limited to 500 open ones per organization', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    await insertMany(id, 500);
    expect(await outcome(invite(auth, owner, id, anAddress()))).toBe('limit_reached');
    await everywhere(auth, 'UPDATE invitations SET expires_at = now() WHERE organization_id = $1', [id]);
    expect(await outcome(invite(auth, owner, id, anAddress()))).toBe('ok');
  });

  it('is limited to 1,000 emails per organization and day, including revoked ones', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    await insertMany(id, 400, 'sent_count = 2, revoked_at = now()');
    const pending = await invite(auth, owner, id, anAddress());
    await everywhere(auth, 'UPDATE invitations SET sent_count = 200 WHERE id = $1', [pending.id]);
    const aged = `UPDATE invitations SET sent_at = now() - interval '20 hours' WHERE organization_id = $1 AND id <> $2`;
    await everywhere(auth, aged, [id, pending.id]);
    const refusal: unknown = await invite(auth, owner, id, anAddress()).catch((error: unknown) => error);
    // Until the oldest email is a day old.
    const { code, retryAfterSeconds } = z.object({ code: z.string(), retryAfterSeconds: z.int() }).parse(refusal);
    expect(code).toBe('rate_limited');
    expect(Math.abs(retryAfterSeconds - 4 * 3_600)).toBeLessThan(60);
    expect(await outcome(resend(owner, id, pending.id))).toBe('rate_limited');
    await everywhere(auth, `UPDATE invitations SET sent_at = now() - interval '1 day' WHERE organization_id = $1`, [
      id,
    ]);
    expect(await outcome(resend(owner, id, pending.id))).toBe('ok');
  });

  it('is limited to ten emails per email address and day, across organizations', async () => {
    const email = anAddress();
    const { owner, id, invitation } = await anInvitation(auth, email);
    for (const other of [await anOrganization(auth), await anOrganization(auth)]) {
      await invite(auth, other.owner, other.organization.id, email);
    }
    for (let mails = 3; mails < 12; mails++) {
      await untilHandled(auth);
      await resend(owner, id, invitation.id);
    }
    expect(await invitationsMailed(auth, email)).toBe(10);
  });

  it('results in one email with a working link if one is resent concurrently', async () => {
    const { owner, id, email, invitation } = await anInvitation(auth);
    await Promise.all([1, 2, 3].map(() => resend(owner, id, invitation.id)));
    await eventually(async () => (await invitationsMailed(auth, email)) >= 2);
    const [row] = await everywhere(auth, 'SELECT selector FROM invitations WHERE id = $1', [invitation.id]);
    const last = (await auth.mailsTo(email)).at(-1);
    expect(last).toHaveProperty('url', expect.stringContaining(`#token=${String(row?.['selector'])}.`));
  });
});

async function insertMany(organizationId: string, count: number, changes = "role = 'member'"): Promise<void> {
  await everywhere(
    auth,
    `INSERT INTO invitations (id, organization_id, email, role, selector, verifier_hash, expires_at)
     SELECT gen_random_uuid(), $1, gen_random_uuid() || '@example.com', 'member', gen_random_uuid(), 'x', now() + interval '1 day'
     FROM generate_series(1, $2)`,
    [organizationId, count],
  );
  await everywhere(auth, `UPDATE invitations SET ${changes} WHERE organization_id = $1`, [organizationId]);
}
