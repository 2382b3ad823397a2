import { login, refresh } from '#libs/contracts';
import { password, startAuth } from '../../test/auth';

it('rotating takes two statements: the rotation, and the user for the answer', async () => {
  const auth = await startAuth();
  const user = await auth.aUser();
  const { refreshToken } = await auth.rpc.call(login, { email: user.email, password });
  expect(await auth.queries.during(() => auth.rpc.call(refresh, { refreshToken }))).toHaveLength(2);
});
