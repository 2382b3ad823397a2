import {
  acceptOwnership,
  changeMemberRole,
  declineOwnership,
  getOwnershipTransfer,
  leaveOrganization,
  offerOwnership,
  removeMember,
  withdrawOwnership,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../../test/as';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../../test/auth';
import { anOrganization, atOnce, everywhere, join } from '../../../test/organizations';
import { RetentionService } from '../../retention/retention.service';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const offer = (by: User, organizationId: string, userId: string) =>
  auth.rpc.call(offerOwnership, { organizationId, userId }, as(by));
const look = (by: User, organizationId: string) => auth.rpc.call(getOwnershipTransfer, { organizationId }, as(by));
const accept = (by: User, organizationId: string) => auth.rpc.call(acceptOwnership, { organizationId }, as(by));
const decline = (by: User, organizationId: string) => auth.rpc.call(declineOwnership, { organizationId }, as(by));
const withdraw = (by: User, organizationId: string) => auth.rpc.call(withdrawOwnership, { organizationId }, as(by));

async function rolesIn(organizationId: string): Promise<Record<string, unknown>> {
  const sql = 'SELECT user_id, role FROM memberships WHERE organization_id = $1';
  const rows = await everywhere(auth, sql, [organizationId]);
  return Object.fromEntries(rows.map((row) => [String(row['user_id']), row['role']]));
}

/** An organization whose owner has offered the ownership to a viewer. */
async function offered() {
  const { owner, organization } = await anOrganization(auth);
  const { id } = organization;
  const [heir, admin] = [await join(auth, id, 'viewer'), await join(auth, id, 'admin')];
  const transfer = await offer(owner, id, heir.id);
  return { owner, organization, id, heir, admin, transfer };
}

const expire = (id: string) =>
  everywhere(auth, 'UPDATE ownership_transfers SET expires_at = now() WHERE organization_id = $1', [id]);

describe('an ownership transfer', () => {
  it('makes the new owner an owner and the previous one an admin', async () => {
    const { owner, id, heir, transfer } = await offered();
    expect(transfer).toMatchObject({ fromUserId: owner.id, toUserId: heir.id });
    expect(Date.parse(transfer.expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(await look(heir, id)).toEqual(transfer);
    expect(await accept(heir, id)).toMatchObject({ id, role: 'owner' });
    expect(await rolesIn(id)).toMatchObject({ [owner.id]: 'admin', [heir.id]: 'owner' });
    expect(await outcome(look(heir, id))).toBe('not_found');
    expect(await outcome(accept(heir, id))).toBe('not_found');
  });

  it('emails the new owner about the offer, and its maker about the acceptance', async () => {
    const { owner, id, heir, transfer } = await offered();
    const about = { template: 'organization-notice', organization: 'Acme', by: 'Ada' };
    const offer = { ...about, event: 'ownership_offered', until: transfer.expiresAt };
    expect(await auth.mailsTo(heir.email)).toMatchObject([offer]);
    expect(await auth.mailsTo(owner.email)).toEqual([]);
    await accept(heir, id);
    expect(await auth.mailsTo(owner.email)).toMatchObject([{ ...about, event: 'ownership_accepted' }]);
    expect(await auth.mailsTo(heir.email)).toHaveLength(1);
  });

  it('can be offered only by owners, to another member, one at a time, after a recent sign-in', async () => {
    const { owner, id, heir, admin } = await offered();
    expect(await outcome(offer(owner, id, admin.id))).toBe('transfer_pending');
    expect(await outcome(withdraw(owner, id))).toBe('ok');
    expect(await outcome(offer(admin, id, heir.id))).toBe('permission_denied');
    for (const [userId, code] of [
      [owner.id, 'is_yourself'],
      [newId(), 'not_a_member'],
      [(await auth.aUser()).id, 'not_a_member'],
    ]) {
      await expect(offer(owner, id, userId ?? '')).rejects.toMatchObject({
        code: 'validation_failed',
        errors: [{ code }],
      });
    }
    const late = {
      context: contextOf({ actor: { ...actorOf(owner), authenticatedAt: Math.floor(Date.now() / 1_000) - 601 } }),
    };
    const attempt = auth.rpc.call(offerOwnership, { organizationId: id, userId: heir.id }, late);
    await expect(attempt).rejects.toMatchObject({ code: 'reauthentication_required' });
    expect(await outcome(offer(owner, id, heir.id))).toBe('ok');
  });

  it('can be accepted and declined only by its recipient, and withdrawn only by owners', async () => {
    const { owner, id, heir, admin } = await offered();
    const stranger = await auth.aUser();
    for (const user of [owner, admin, stranger]) {
      expect(await outcome(accept(user, id))).toBe('not_found');
      expect(await outcome(decline(user, id))).toBe('not_found');
    }
    expect(await outcome(withdraw(admin, id))).toBe('permission_denied');
    expect(await outcome(withdraw(heir, id))).toBe('permission_denied');
    expect(await rolesIn(id)).toEqual({ [owner.id]: 'owner', [heir.id]: 'viewer', [admin.id]: 'admin' });
    expect(await outcome(accept(heir, id))).toBe('ok');
  });

  it('cannot be accepted after it was declined or withdrawn, and can be offered again', async () => {
    const { owner, id, heir } = await offered();
    await decline(heir, id);
    expect(await outcome(accept(heir, id))).toBe('not_found');
    await offer(owner, id, heir.id);
    await withdraw(owner, id);
    expect(await outcome(accept(heir, id))).toBe('not_found');
    expect(await outcome(withdraw(owner, id))).toBe('not_found');
  });

  it('can be declined, but not accepted, while the organization is suspended', async () => {
    const { id, heir } = await offered();
    await everywhere(auth, 'UPDATE organizations SET suspended_at = now() WHERE id = $1', [id]);
    expect(await outcome(accept(heir, id))).toBe('organization_suspended');
    expect(await outcome(decline(heir, id))).toBe('ok');
  });

  it('expires after seven days and makes room for another offer', async () => {
    const { owner, id, heir, admin } = await offered();
    await expire(id);
    for (const end of [look(heir, id), accept(heir, id), decline(heir, id), withdraw(owner, id)]) {
      expect(await outcome(end)).toBe('not_found');
    }
    expect(await offer(owner, id, admin.id)).toMatchObject({ toUserId: admin.id });
    expect(await outcome(accept(heir, id))).toBe('not_found');
  });

  it.each([
    ['who was to have it leaves', ({ heir, id }) => auth.rpc.call(leaveOrganization, { organizationId: id }, as(heir))],
    [
      'who was to have it is removed',
      ({ owner, heir, id }) => auth.rpc.call(removeMember, { organizationId: id, userId: heir.id }, as(owner)),
    ],
    [
      'who offered it is no owner any more',
      async ({ owner, id }) => {
        const second = await join(auth, id, 'owner');
        const role = { organizationId: id, userId: owner.id, role: 'admin' as const };
        await auth.rpc.call(changeMemberRole, role, as(second));
      },
    ],
  ] satisfies [string, (offer: Awaited<ReturnType<typeof offered>>) => Promise<unknown>][])(
    'is no longer offered when %s',
    async (_when, happen) => {
      const offer = await offered();
      await happen(offer);
      expect(await outcome(look(offer.admin, offer.id))).toBe('not_found');
      expect(await outcome(accept(offer.heir, offer.id))).toBe('not_found');
    },
  );
});

it('is deleted after it has expired, and not before', async () => {
  const [over, open] = [await offered(), await offered()];
  await expire(over.id);
  await new RetentionService(auth.dataSource).deleteExpired();
  const left = 'SELECT organization_id AS id FROM ownership_transfers WHERE organization_id IN ($1, $2)';
  expect(await everywhere(auth, left, [over.id, open.id])).toEqual([{ id: open.id }]);
});

describe('concurrent transfers', () => {
  it('make one transfer of two accepts', async () => {
    const { owner, organization, id, heir } = await offered();
    const ends = await atOnce(auth, organization, [() => accept(heir, id), () => accept(heir, id)]);
    expect(ends.toSorted()).toEqual(['not_found', 'ok']);
    expect(await rolesIn(id)).toMatchObject({ [owner.id]: 'admin', [heir.id]: 'owner' });
  });

  it('leave one owner if one is accepted and withdrawn', async () => {
    const { owner, organization, id, heir } = await offered();
    const ends = await atOnce(auth, organization, [() => withdraw(owner, id), () => accept(heir, id)]);
    expect(ends.filter((end) => end === 'ok')).toHaveLength(1);
    expect(Object.values(await rolesIn(id)).filter((role) => role === 'owner')).toHaveLength(1);
  });

  it('never leave ownership with a removed member', async () => {
    const { owner, organization, id, heir } = await offered();
    const removal = { organizationId: id, userId: heir.id };
    const ends = await atOnce(auth, organization, [
      () => accept(heir, id),
      () => auth.rpc.call(removeMember, removal, as(owner)),
    ]);
    expect(ends.filter((end) => end === 'ok')).toHaveLength(1);
    const owners = Object.values(await rolesIn(id)).filter((role) => role === 'owner');
    expect(owners).toHaveLength(1);
  });

  it('make one of two offers', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const [ada, grace] = [await join(auth, id, 'member'), await join(auth, id, 'member')];
    const ends = await atOnce(auth, organization, [() => offer(owner, id, ada.id), () => offer(owner, id, grace.id)]);
    expect(ends.toSorted()).toEqual(['ok', 'transfer_pending']);
  });
});
