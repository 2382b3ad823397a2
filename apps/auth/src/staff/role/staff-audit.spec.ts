import {
  impersonateUser,
  listPlatformAudit,
  logout,
  reinstateUser,
  renameOrganization,
  signUserOut,
  suspendUser,
} from '#libs/contracts';
import { signedIn } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { anOrganization } from '../../../test/organizations';
import { aStaffMember, actorIn, inSession } from '../../../test/staff';

let auth: TestAuth;
let admin: Awaited<ReturnType<typeof aStaffMember>>;
beforeAll(async () => {
  auth = await startAuth();
  admin = await aStaffMember(auth);
});

const entries = async (target: string) =>
  (await auth.rpc.call(listPlatformAudit, { target }, admin.me)).data.toReversed();

it('records each act of staff on a user in the platform’s audit log, with actor, reason and origin', async () => {
  const { user } = await signedIn(auth);
  const which = { id: user.id };
  await auth.rpc.call(signUserOut, which, admin.me);
  await auth.rpc.call(suspendUser, { ...which, reason: 'Sends spam' }, admin.me);
  await auth.rpc.call(suspendUser, { ...which, reason: 'Again' }, admin.me);
  await auth.rpc.call(reinstateUser, which, admin.me);
  await auth.rpc.call(impersonateUser, { ...which, reason: 'Ticket 4711', write: true }, admin.me);
  const actor = {
    kind: 'session',
    id: admin.user.id,
    credentialId: actorIn(admin.session).sessionId,
    impersonatorId: null,
  };
  const target = { type: 'user', id: user.id };
  expect(await entries(user.id)).toMatchObject([
    { act: 'user.signed_out', actor, target, after: { sessions: 2 }, ip: '203.0.113.9' },
    { act: 'user.suspended', actor, target, after: { reason: 'Sends spam' } },
    { act: 'user.reinstated', actor, target },
    { act: 'impersonation.started', actor, target, after: { reason: 'Ticket 4711', write: true } },
  ]);
});

it('records both users of an impersonation, in the organization’s log too', async () => {
  const { owner, organization } = await anOrganization(auth);
  const acting = await auth.rpc.call(impersonateUser, { id: owner.id, reason: 'Ticket 4712', write: true }, admin.me);
  const me = inSession(acting);
  await auth.rpc.call(renameOrganization, { organizationId: organization.id, name: 'Changed' }, me);
  await auth.rpc.call(logout, { sessionId: actorIn(acting).sessionId });
  const actor = { kind: 'session', id: owner.id, impersonatorId: admin.user.id };
  const page = { organizationId: organization.id, act: 'organization.updated' as const };
  expect((await auth.rpc.call(listPlatformAudit, page, admin.me)).data).toMatchObject([{ actor }]);
  expect(await entries(actorIn(acting).sessionId)).toMatchObject([{ act: 'impersonation.ended', actor }]);
});
