import { beginPasskeySignIn } from '#libs/contracts';
import { hashToken } from '#libs/encryption';
import { startAuth } from '../../test/auth';
import { RefreshToken } from '../session/session/refresh-tokens.table';
import { User } from '../account/user/users.table';
import { RetentionService } from './retention.service';

it('deletes expired data, and nothing else', async () => {
  const auth = await startAuth();
  const [owner, forgotten, recent] = [
    await auth.aUser(),
    await auth.aUser({ emailVerifiedAt: null }),
    await auth.aUser({ emailVerifiedAt: null }),
  ];
  const over = await auth.signIn(owner);
  const open = await auth.signIn(owner);
  await auth.dataSource.query("UPDATE users SET updated_at = now() - interval '31 days' WHERE id = $1", [forgotten.id]);
  await auth.dataSource.query(
    `UPDATE sessions SET expires_at = now() - interval '8 days'
     WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = $1)`,
    [hashToken(over.refreshToken)],
  );
  await auth.dataSource.query(
    `INSERT INTO oauth_flows (state_hash, browser_hash, provider, sealed_secrets, return_to, expires_at)
     VALUES ('over', '', 'acme', '', '/', now() - interval '1 second'), ('open', '', 'acme', '', '/', now() + interval '1 minute')`,
  );

  await new RetentionService(auth.dataSource).deleteExpired();

  const tokens = await auth.dataSource.manager.findBy(RefreshToken, {});
  expect(tokens.map(({ hash }) => hash)).toEqual([hashToken(open.refreshToken)]);
  expect(await auth.dataSource.query('SELECT state_hash FROM oauth_flows')).toEqual([{ state_hash: 'open' }]);
  const users = await auth.dataSource.manager.findBy(User, {});
  expect(users.map(({ id }) => id).sort()).toEqual([owner.id, recent.id].sort());
});

it('deletes a passkey challenge when it expires, and not before', async () => {
  const auth = await startAuth();
  await auth.rpc.call(beginPasskeySignIn, {});
  await auth.dataSource.query("UPDATE webauthn_challenges SET expires_at = now() - interval '1 second'");
  await auth.rpc.call(beginPasskeySignIn, {});
  await new RetentionService(auth.dataSource).deleteExpired();
  const open = 'SELECT expires_at > now() AS open FROM webauthn_challenges';
  expect(await auth.dataSource.query(open)).toEqual([{ open: true }]);
});
