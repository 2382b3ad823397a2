import {
  acceptInvitation,
  declineInvitation,
  lookAtInvitation,
  registerByInvitation,
  resendInvitation,
  revokeInvitation,
  type RequestOf,
} from '#libs/contracts';
import { createOneTimeToken } from '#libs/encryption';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { anAddress, anInvitation, expire, invitationsMailed, invite, nextToken } from '../../../test/invitations';
import { anOrganization, everywhere } from '../../../test/organizations';
import { RetentionService } from '../../retention/retention.service';
import { InvitationMailHandler } from './invitation-mail.handler';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const password = 'tomatoes grow in june';
const look = (token: string) => auth.rpc.call(lookAtInvitation, { token });
const accept = (user: User, token: string) => auth.rpc.call(acceptInvitation, { token }, as(user));
const decline = (token: string) => auth.rpc.call(declineInvitation, { token });
const signUp = (token: string, changes: Partial<RequestOf<typeof registerByInvitation>> = {}) =>
  auth.rpc.call(registerByInvitation, { token, name: 'Grace', password, ...changes });
const joining = async (token: string) => [
  await outcome(look(token)),
  await outcome(accept(await auth.aUser(), token)),
  await outcome(signUp(token)),
];
const anybody = async (token: string) => [...(await joining(token)), await outcome(decline(token))];
const beingDeleted = 'UPDATE organizations SET deletion_requested_at = now(), delete_after = now() WHERE id = $1';
const four = (code: string) => Array<string>(4).fill(code);

describe('an invitation token', () => {
  it('is invalid if it is malformed, unknown, or has another token’s verifier', async () => {
    const { token } = await anInvitation(auth);
    const other = createOneTimeToken('invitation');
    const [selector, verifier] = token.split('.');
    const [otherSelector, otherVerifier] = other.token.split('.');
    for (const wrong of ['x', '.', other.token, `${selector}.${otherVerifier}`, `${otherSelector}.${verifier}`]) {
      expect(await anybody(wrong)).toEqual(four('token_invalid'));
    }
  });

  it('costs one query and one hash with an unknown selector, like with a wrong verifier', async () => {
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

  it('tells its holder that it has expired or was revoked', async () => {
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

  it('stops working when another one is sent', async () => {
    const { owner, id, email, invitation, token } = await anInvitation(auth);
    await auth.rpc.call(resendInvitation, { organizationId: id, invitationId: invitation.id }, as(owner));
    expect(await anybody(token)).toEqual(four('token_invalid'));
    const second = await nextToken(auth, email, 1);
    expect(await outcome(accept(await auth.aUser({ email }), second))).toBe('ok');
  });

  it('does not work while the organization is suspended or being deleted', async () => {
    const { id, token } = await anInvitation(auth);
    await everywhere(auth, 'UPDATE organizations SET suspended_at = now() WHERE id = $1', [id]);
    expect(await joining(token)).toEqual(Array(3).fill('organization_suspended'));
    await everywhere(auth, beingDeleted, [id]);
    expect(await joining(token)).toEqual(Array(3).fill('token_invalid'));
    await everywhere(auth, 'DELETE FROM organizations WHERE id = $1', [id]);
    expect(await anybody(token)).toEqual(four('token_invalid'));
  });

  it.each([
    ['suspended', 'UPDATE organizations SET suspended_at = now() WHERE id = $1'],
    ['being deleted', beingDeleted],
  ])('can be declined while the organization is %s, and no one joins later', async (_how, close) => {
    const { id, token } = await anInvitation(auth);
    await everywhere(auth, close, [id]);
    expect(await outcome(decline(token))).toBe('ok');
    expect(await anybody(token)).toEqual(four('token_used'));
  });

  it('is created for the last request only, and an older one sends no email', async () => {
    const { email, invitation, token } = await anInvitation(auth);
    const mail = auth.application.get(InvitationMailHandler, { strict: false });
    const late = { invitationId: invitation.id, selector: 'an older one' };
    await auth.dataSource.transaction((manager) => mail.onRequested(late, { manager }));
    expect(await invitationsMailed(auth, email)).toBe(1);
    expect(await outcome(look(token))).toBe('ok');
  });
});

it('deletes invitations that expired a month ago, in any state, and no others', async () => {
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
