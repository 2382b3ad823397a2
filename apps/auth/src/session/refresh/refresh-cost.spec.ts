import { refresh } from '#libs/contracts';
import { startAuth } from '../../../test/auth';

it('takes two statements: the rotation, and the user for the response', async () => {
  const auth = await startAuth();
  const user = await auth.aUser();
  const { refreshToken } = await auth.signIn(user);
  expect(await auth.queries.during(() => auth.rpc.call(refresh, { refreshToken }))).toHaveLength(2);
});
