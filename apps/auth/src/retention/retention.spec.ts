import { hashToken } from '#libs/encryption';
import { startAuth } from '../../test/auth';
import { RefreshToken } from '../session/refresh-token.entity';
import { User } from '../user/user.entity';
import { RetentionService } from './retention.service';

it('what has served is deleted, and nothing else', async () => {
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

  await new RetentionService(auth.dataSource).deleteExpired();

  const tokens = await auth.dataSource.manager.findBy(RefreshToken, {});
  expect(tokens.map(({ hash }) => hash)).toEqual([hashToken(open.refreshToken)]);
  const users = await auth.dataSource.manager.findBy(User, {});
  expect(users.map(({ id }) => id).sort()).toEqual([owner.id, recent.id].sort());
});
