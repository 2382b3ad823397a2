import { getProfile, listSessions, updateProfile } from '#libs/contracts';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../../test/auth';
import type { User } from '../user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const as = (user: User) => ({ context: contextOf({ actor: actorOf(user) }) });

it('takes one query for a profile request', async () => {
  const user = await auth.aUser();
  const queries = await auth.queries.during(() => auth.rpc.call(getProfile, {}, as(user)));
  expect(queries).toHaveLength(1);
});

it('changes name, language and picture, each alone, and keeps the rest', async () => {
  const user = await auth.aUser();
  expect(await auth.rpc.call(updateProfile, { name: 'Countess' }, as(user))).toMatchObject({
    name: 'Countess',
    locale: 'en',
  });
  expect(await auth.rpc.call(updateProfile, { locale: 'de' }, as(user))).toMatchObject({
    name: 'Countess',
    locale: 'de',
  });
  const avatarUrl = 'https://avatars.githubusercontent.com/u/1';
  expect(await auth.rpc.call(updateProfile, { avatarUrl }, as(user))).toMatchObject({ avatarUrl, name: 'Countess' });
  expect(await auth.rpc.call(updateProfile, { avatarUrl: null }, as(user))).toMatchObject({ avatarUrl: null });
});

it.each([
  'https://evil.example/a.png',
  'https://gravatar.com.evil.example/a.png',
  'https://notgravatar.com/a.png',
  'http://gravatar.com/a.png',
  'https://user@gravatar.com/a.png',
  'https://gravatar.com:8443/a.png',
  'https://127.0.0.1/a.png',
  'https://gravatar.com/a.svg',
  'javascript:alert(1)',
  'data:image/png;base64,AAAA',
])('refuses a picture at %s', async (avatarUrl) => {
  const user = await auth.aUser();
  await expect(auth.rpc.call(updateProfile, { avatarUrl }, as(user))).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

it('refuses an empty change and fields that users cannot change', async () => {
  const user = await auth.aUser();
  const refused: object[] = [{}, { emailVerified: true }, { id: user.id }, { role: 'admin' }];
  for (const changes of refused) {
    await expect(auth.rpc.call(updateProfile, changes, as(user))).rejects.toMatchObject({ code: 'validation_failed' });
  }
});

it('refuses a request without an actor, whatever the gateway let through', async () => {
  for (const contract of [getProfile, listSessions]) {
    await expect(auth.rpc.call(contract, {}, { context: contextOf() })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  }
});

it('refuses a deleted account whose access token is still valid', async () => {
  const user = await auth.aUser();
  await auth.dataSource.query('DELETE FROM users WHERE id = $1', [user.id]);
  await expect(auth.rpc.call(getProfile, {}, as(user))).rejects.toMatchObject({ code: 'unauthenticated' });
  const change = auth.rpc.call(updateProfile, { name: 'Ghost' }, as(user));
  await expect(change).rejects.toMatchObject({ code: 'unauthenticated' });
});
