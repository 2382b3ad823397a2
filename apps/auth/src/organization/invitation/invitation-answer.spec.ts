import {
  acceptInvitation,
  declineInvitation,
  getOrganization,
  login,
  lookAtInvitation,
  register,
  registerByInvitation,
  resendInvitation,
  revokeInvitation,
  verifyEmail,
  type RequestOf,
} from '#libs/contracts';
import { as, outcome } from '../../../test/as';
import { contextOf, startAuth, type TestAuth } from '../../../test/auth';
import { anAddress, anInvitation, invite, limitSeats, rolesIn } from '../../../test/invitations';
import { aCustomRole, anOrganization, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const password = 'tomatoes grow in june';
const look = (token: string) => auth.rpc.call(lookAtInvitation, { token });
const accept = (user: User, token: string) => auth.rpc.call(acceptInvitation, { token }, as(user));
const decline = (token: string) => auth.rpc.call(declineInvitation, { token });
const signUp = (token: string, changes: Partial<RequestOf<typeof registerByInvitation>> = {}) =>
  auth.rpc.call(registerByInvitation, { token, name: 'Grace', password, ...changes });
const anybody = async (token: string) => [
  await outcome(look(token)),
  await outcome(accept(await auth.aUser(), token)),
  await outcome(decline(token)),
  await outcome(signUp(token)),
];
const four = (code: string) => Array<string>(4).fill(code);

describe('viewing an invitation', () => {
  it('shows inviter, organization and role, reveals no account, and consumes nothing', async () => {
    const known = await auth.aUser();
    const previews = [];
    for (const email of [known.email, anAddress()]) {
      const { token, invitation } = await anInvitation(auth, email, 'viewer');
      const { email: shown, expiresAt, ...preview } = await look(token);
      expect([shown, expiresAt]).toEqual([email, invitation.expiresAt]);
      previews.push(preview);
      expect(await outcome(look(token))).toBe('ok');
    }
    expect(previews[0]).toEqual({ organizationName: 'Acme', invitedBy: 'Ada', roleName: 'viewer' });
    expect(previews[1]).toEqual(previews[0]);
  });
});

describe('accepting an invitation', () => {
  it('makes the invited user a member with the role, once', async () => {
    const user = await auth.aUser();
    const { owner, organization } = await anOrganization(auth);
    const { customRoleId } = await aCustomRole(auth, organization.id, ['organization:read', 'audit:read'], 'Auditor');
    await invite(auth, owner, organization.id, user.email, customRoleId);
    const token = await auth.mailedToken(user.email, 'invitation');
    expect(await accept(user, token)).toMatchObject({ id: organization.id, role: customRoleId, roleName: 'Auditor' });
    const seen = await auth.rpc.call(getOrganization, { organizationId: organization.id }, as(user));
    expect(seen.permissions).toEqual(['organization:read', 'audit:read']);
    expect(await outcome(accept(user, token))).toBe('token_used');
  });

  it('is refused for another email address, and consumes nothing', async () => {
    const { id, email, token } = await anInvitation(auth);
    expect(await outcome(accept(await auth.aUser(), token))).toBe('invitation_email_mismatch');
    expect(await rolesIn(auth, id)).toEqual(['owner']);
    expect(await outcome(accept(await auth.aUser({ email }), token))).toBe('ok');
  });

  it('is refused without a session', async () => {
    const { token } = await anInvitation(auth);
    expect(await outcome(auth.rpc.call(acceptInvitation, { token }, { context: contextOf() }))).toBe('unauthenticated');
    expect(await outcome(look(token))).toBe('ok');
  });

  it('follows the account, not the email address that it had before', async () => {
    const user = await auth.aUser();
    const { token } = await anInvitation(auth, user.email);
    await auth.dataSource.query('UPDATE users SET email = $2 WHERE id = $1', [user.id, anAddress()]);
    expect(await outcome(accept(user, token))).toBe('invitation_email_mismatch');
  });

  it('is refused for an existing member, who keeps the role', async () => {
    const user = await auth.aUser();
    const { id, token } = await anInvitation(auth, user.email, 'admin');
    await join(auth, id, 'viewer', user);
    expect(await outcome(accept(user, token))).toBe('already_member');
    expect(await rolesIn(auth, id)).toEqual(['viewer', 'owner']);
  });

  it('is refused while members exceed the seats, and works after there are seats again', async () => {
    const user = await auth.aUser();
    const { id, token } = await anInvitation(auth, user.email);
    await limitSeats(auth, id, 1);
    expect(await outcome(accept(user, token))).toBe('seat_limit_reached');
    await limitSeats(auth, id, 2);
    expect(await outcome(accept(user, token))).toBe('ok');
  });
});

describe('declining an invitation', () => {
  it('ends the invitation without an account', async () => {
    const { owner, id, email, token } = await anInvitation(auth);
    expect(await outcome(decline(token))).toBe('ok');
    expect(await anybody(token)).toEqual(four('token_used'));
    expect(await outcome(invite(auth, owner, id, email))).toBe('ok');
  });
});

describe('signing up with an invitation', () => {
  it('creates an account with a verified email address, signs in, and joins, with one email', async () => {
    const { id, email, token } = await anInvitation(auth);
    const { user } = await signUp(token, { locale: 'de' });
    expect(user).toMatchObject({ email, name: 'Grace', emailVerified: true, locale: 'de' });
    expect(await rolesIn(auth, id)).toEqual(['owner', 'member']);
    expect(await outcome(auth.rpc.call(login, { email, password }))).toBe('ok');
    expect(await outcome(signUp(token))).toBe('token_used');
  });

  it('never signs in to or changes an existing account, and consumes nothing', async () => {
    const user = await auth.aUser();
    const { token } = await anInvitation(auth, user.email);
    expect(await outcome(signUp(token))).toBe('email_taken');
    expect(await outcome(auth.rpc.call(login, { email: user.email, password }))).toBe('invalid_credentials');
    expect(await outcome(accept(user, token))).toBe('ok');
  });

  it('replaces a stranger’s unverified registration, whose link stops working', async () => {
    const email = anAddress();
    await auth.rpc.call(register, { email, name: 'Mallory', password: 'a stranger chose this' });
    const link = await auth.mailedToken(email, 'verify-email');
    const { token } = await anInvitation(auth, email);
    expect((await signUp(token)).user).toMatchObject({ email, name: 'Grace' });
    expect(await outcome(auth.rpc.call(verifyEmail, { token: link }))).toBe('token_used');
    expect(await outcome(auth.rpc.call(login, { email, password: 'a stranger chose this' }))).toBe(
      'invalid_credentials',
    );
  });

  it('refuses a bad password, and leaves no account if joining fails', async () => {
    const { id, email, token } = await anInvitation(auth);
    const refused = { code: 'validation_failed', errors: [{ path: 'password', code: 'password_common' }] };
    await expect(signUp(token, { password: 'password123' })).rejects.toMatchObject(refused);
    await limitSeats(auth, id, 1);
    expect(await outcome(signUp(token))).toBe('seat_limit_reached');
    expect(await auth.dataSource.query('SELECT 1 FROM users WHERE email = $1', [email])).toEqual([]);
  });

  it('refuses a suspended account, and consumes nothing', async () => {
    const user = await auth.aUser({ emailVerifiedAt: null });
    const { id, token } = await anInvitation(auth, user.email);
    const suspend = "UPDATE users SET suspended_at = now(), suspension_reason = 'spam' WHERE id = $1";
    await auth.dataSource.query(suspend, [user.id]);
    expect(await outcome(signUp(token))).toBe('account_suspended');
    expect(await outcome(look(token))).toBe('ok');
    expect(await rolesIn(auth, id)).toEqual(['owner']);
  });

  it('is optional: a user who registered in the usual way can accept too', async () => {
    const { email, token } = await anInvitation(auth);
    await auth.rpc.call(register, { email, name: 'Grace', password });
    const { user } = await auth.rpc.call(verifyEmail, { token: await auth.mailedToken(email, 'verify-email') });
    const account = await auth.dataSource.query<User[]>('SELECT id FROM users WHERE email = $1', [email]);
    const [found] = account;
    if (found === undefined) throw new Error('There is no account.');
    expect(found.id).toBe(user.id);
    await auth.dataSource.query(
      `INSERT INTO sessions (id, user_id, epoch, ip, user_agent, last_seen_at, authenticated_at, expires_at)
       VALUES ($1, $1, 0, '', '', now(), now(), now() + interval '1 hour')`,
      [found.id],
    );
    expect(await outcome(accept(found, token))).toBe('ok');
  });
});

it('records every act in the organization’s audit log, and no refused one', async () => {
  const user = await auth.aUser();
  const { owner, id, invitation, token } = await anInvitation(auth, user.email);
  const other = await invite(auth, owner, id, anAddress());
  const third = await invite(auth, owner, id, anAddress());
  await outcome(invite(auth, owner, id, user.email));
  await outcome(accept(await auth.aUser(), token));
  await accept(user, token);
  const which = (each: { id: string }) => ({ organizationId: id, invitationId: each.id });
  await auth.rpc.call(resendInvitation, which(other), as(owner));
  await auth.rpc.call(revokeInvitation, which(other), as(owner));
  await decline(await auth.mailedToken(third.email, 'invitation'));
  const sql = `
    SELECT act, target_id AS target, actor_id AS actor FROM audit_entries
    WHERE organization_id = $1 AND act ~ '^(invitation|member)' ORDER BY id`;
  expect(await everywhere(auth, sql, [id])).toEqual([
    { act: 'invitation.created', target: invitation.id, actor: owner.id },
    { act: 'invitation.created', target: other.id, actor: owner.id },
    { act: 'invitation.created', target: third.id, actor: owner.id },
    { act: 'invitation.accepted', target: invitation.id, actor: user.id },
    { act: 'member.joined', target: user.id, actor: user.id },
    { act: 'invitation.resent', target: other.id, actor: owner.id },
    { act: 'invitation.revoked', target: other.id, actor: owner.id },
    { act: 'invitation.declined', target: third.id, actor: null },
  ]);
  const entries = await everywhere(auth, 'SELECT before, after FROM audit_entries WHERE organization_id = $1', [id]);
  for (const secret of token.split('.')) expect(JSON.stringify(entries)).not.toContain(secret);
});
