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

  it('of an organization that is suspended or being deleted joins nobody', async () => {
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
  ])('can be declined while the organization is %s, so that nobody joins later', async (_how, close) => {
    const { id, token } = await anInvitation(auth);
    await everywhere(auth, close, [id]);
    expect(await outcome(decline(token))).toBe('ok');
    expect(await anybody(token)).toEqual(four('token_used'));
  });

  it('is made for the last wish only: an older one, heard late, changes and mails nothing', async () => {
    const { email, invitation, token } = await anInvitation(auth);
    const mail = auth.application.get(InvitationMailHandler, { strict: false });
    const late = { invitationId: invitation.id, selector: 'an older one' };
    await auth.dataSource.transaction((manager) => mail.onRequested(late, { manager }));
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
