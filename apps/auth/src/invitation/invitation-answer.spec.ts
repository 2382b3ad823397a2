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
import { createOneTimeToken } from '#libs/encryption';
import { as, outcome } from '../../test/as';
import { contextOf, startAuth, type TestAuth } from '../../test/auth';
import {
  anAddress,
  anInvitation,
  expire,
  invitationsMailed,
  invite,
  limitSeats,
  nextToken,
  rolesIn,
} from '../../test/invitations';
import { aCustomRole, anOrganization, everywhere, join } from '../../test/organizations';
import { RetentionService } from '../retention/retention.service';
import { InvitationMailService } from './invitation-mail.service';
import type { User } from '../user/user.entity';

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

describe('looking at an invitation', () => {
  it('shows who invites to what and as what, tells nothing of accounts, and uses nothing up', async () => {
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
  it('makes the person of its address a member with its role, once', async () => {
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

  it('is refused under another address, and nothing is used up by that', async () => {
    const { id, email, token } = await anInvitation(auth);
    expect(await outcome(accept(await auth.aUser(), token))).toBe('invitation_email_mismatch');
    expect(await rolesIn(auth, id)).toEqual(['owner']);
    expect(await outcome(accept(await auth.aUser({ email }), token))).toBe('ok');
  });

  it('is refused to who is not signed in', async () => {
    const { token } = await anInvitation(auth);
    expect(await outcome(auth.rpc.call(acceptInvitation, { token }, { context: contextOf() }))).toBe('unauthenticated');
    expect(await outcome(look(token))).toBe('ok');
  });

  it('follows the account, not the address: who has left it is somebody else', async () => {
    const user = await auth.aUser();
    const { token } = await anInvitation(auth, user.email);
    await auth.dataSource.query('UPDATE users SET email = $2 WHERE id = $1', [user.id, anAddress()]);
    expect(await outcome(accept(user, token))).toBe('invitation_email_mismatch');
  });

  it('by who became a member in another way is refused and keeps their role', async () => {
    const user = await auth.aUser();
    const { id, token } = await anInvitation(auth, user.email, 'admin');
    await join(auth, id, 'viewer', user);
    expect(await outcome(accept(user, token))).toBe('already_member');
    expect(await rolesIn(auth, id)).toEqual(['viewer', 'owner']);
  });

  it('is refused while the plan has fewer seats than members, and works when it has more again', async () => {
    const user = await auth.aUser();
    const { id, token } = await anInvitation(auth, user.email);
    await limitSeats(auth, id, 1);
    expect(await outcome(accept(user, token))).toBe('seat_limit_reached');
    await limitSeats(auth, id, 2);
    expect(await outcome(accept(user, token))).toBe('ok');
  });
});

describe('declining an invitation', () => {
  it('needs no account and ends it', async () => {
    const { owner, id, email, token } = await anInvitation(auth);
    expect(await outcome(decline(token))).toBe('ok');
    expect(await anybody(token)).toEqual(four('token_used'));
    expect(await outcome(invite(auth, owner, id, email))).toBe('ok');
  });
});

describe('signing up by an invitation', () => {
  it('makes an account with a confirmed address, signs in, and joins, by one mail', async () => {
    const { id, email, token } = await anInvitation(auth);
    const { user } = await signUp(token, { locale: 'de' });
    expect(user).toMatchObject({ email, name: 'Grace', emailVerified: true, locale: 'de' });
    expect(await rolesIn(auth, id)).toEqual(['owner', 'member']);
    expect(await outcome(auth.rpc.call(login, { email, password }))).toBe('ok');
    expect(await outcome(signUp(token))).toBe('token_used');
  });

  it('never enters or changes an account that is there, and uses nothing up', async () => {
    const user = await auth.aUser();
    const { token } = await anInvitation(auth, user.email);
    expect(await outcome(signUp(token))).toBe('email_taken');
    expect(await outcome(auth.rpc.call(login, { email: user.email, password }))).toBe('invalid_credentials');
    expect(await outcome(accept(user, token))).toBe('ok');
  });

  it('takes the place of a stranger’s registration that nobody confirmed, whose link is then over', async () => {
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

  it('refuses a bad password and leaves no account behind where joining fails', async () => {
    const { id, email, token } = await anInvitation(auth);
    const refused = { code: 'validation_failed', errors: [{ path: 'password', code: 'password_common' }] };
    await expect(signUp(token, { password: 'password123' })).rejects.toMatchObject(refused);
    await limitSeats(auth, id, 1);
    expect(await outcome(signUp(token))).toBe('seat_limit_reached');
    expect(await auth.dataSource.query('SELECT 1 FROM users WHERE email = $1', [email])).toEqual([]);
  });

  it('is not the only way: who registers and confirms the address in the usual way accepts as anybody', async () => {
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

describe('a token', () => {
  it('that is no token, unknown, or has another’s verifier is not valid', async () => {
    const { token } = await anInvitation(auth);
    const other = createOneTimeToken('invitation');
    const [selector, verifier] = token.split('.');
    const [otherSelector, otherVerifier] = other.token.split('.');
    for (const wrong of ['x', '.', other.token, `${selector}.${otherVerifier}`, `${otherSelector}.${verifier}`]) {
      expect(await anybody(wrong)).toEqual(four('token_invalid'));
    }
  });

  it('with an unknown selector costs what one with a wrong verifier does: one look and one hash', async () => {
    const { token } = await anInvitation(auth);
    const other = createOneTimeToken('invitation').token;
    const wrong = `${token.split('.')[0] ?? ''}.${other.split('.')[1] ?? ''}`;
    const costs = [];
    for (const each of [other, wrong]) {
      const before = auth.hasher.hashesRun;
      const queries = await auth.queries.during(() => outcome(look(each)));
      costs.push({ hashes: auth.hasher.hashesRun - before, queries });
    }
    expect(costs[0]).toMatchObject({ hashes: 1 });
    expect(costs[1]).toEqual(costs[0]);
  });

  it('that has expired, or whose invitation was revoked, says so to its holder', async () => {
    const expired = await anInvitation(auth);
    await expire(auth, expired.invitation);
    expect(await anybody(expired.token)).toEqual(four('token_expired'));
    const revoked = await anInvitation(auth);
    await auth.rpc.call(
      revokeInvitation,
      { organizationId: revoked.id, invitationId: revoked.invitation.id },
      as(revoked.owner),
    );
    expect(await anybody(revoked.token)).toEqual(four('token_invalid'));
  });

  it('is over once another was sent, which works', async () => {
    const { owner, id, email, invitation, token } = await anInvitation(auth);
    await auth.rpc.call(resendInvitation, { organizationId: id, invitationId: invitation.id }, as(owner));
    expect(await anybody(token)).toEqual(four('token_invalid'));
    const second = await nextToken(auth, email, 1);
    expect(await outcome(accept(await auth.aUser({ email }), second))).toBe('ok');
  });

  it('of an organisation that is suspended or being deleted joins nobody', async () => {
    const { id, token } = await anInvitation(auth);
    await everywhere(auth, 'UPDATE organizations SET suspended_at = now() WHERE id = $1', [id]);
    expect(await anybody(token)).toEqual(four('organization_suspended'));
    await everywhere(
      auth,
      'UPDATE organizations SET deletion_requested_at = now(), delete_after = now() WHERE id = $1',
      [id],
    );
    expect(await anybody(token)).toEqual(four('token_invalid'));
    await everywhere(auth, 'DELETE FROM organizations WHERE id = $1', [id]);
    expect(await anybody(token)).toEqual(four('token_invalid'));
  });

  it('is made for the last wish only: an older one, heard late, changes and mails nothing', async () => {
    const { email, invitation, token } = await anInvitation(auth);
    const mail = auth.application.get(InvitationMailService, { strict: false });
    const late = { invitationId: invitation.id, selector: 'an older one' };
    await auth.dataSource.transaction((manager) => mail.send(manager, late));
    expect(await invitationsMailed(auth, email)).toBe(1);
    expect(await outcome(look(token))).toBe('ok');
  });
});

it('invitations that expired a month ago are erased, whatever became of them, and no others', async () => {
  const { owner, organization } = await anOrganization(auth);
  const made = [];
  for (const ago of ['31 days', '31 days', '29 days', '-1 day']) {
    const { id } = await invite(auth, owner, organization.id, anAddress());
    await expire(auth, { id }, ago);
    made.push(id);
  }
  await everywhere(auth, 'UPDATE invitations SET accepted_at = now() WHERE id = $1', [made[0]]);
  await new RetentionService(auth.dataSource).deleteExpired();
  const left = await everywhere(auth, 'SELECT id FROM invitations WHERE organization_id = $1 ORDER BY id', [
    organization.id,
  ]);
  expect(left.map(({ id }) => id)).toEqual(made.slice(2));
});
