import { isCommonPassword } from './common-passwords';

it.each(['password', 'Password1', 'PASSWORD123', 'p@ssw0rd', 'iloveyou', '1q2w3e4r', 'trustno1', 'QwertyUiop'])(
  'finds %s among the most common ones, in any case',
  async (password) => expect(await isCommonPassword(password)).toBe(true),
);

it.each([
  ['an entry with more around it', 'xpassword'],
  ['the beginning of an entry', 'passwor'],
  ['two entries that stand next to each other', 'password\n12345678'],
  ['an entry too short to be a password here', 'monkey'],
  ['nothing', ''],
  ['a passphrase', 'tomatoes grow in june'],
])('does not find %s: %j', async (_what, password) => expect(await isCommonPassword(password)).toBe(false));

it('keeps the list once and frees the package’s own', async () => {
  await isCommonPassword('anything');
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  expect(Object.values(dictionary).map(({ length }) => length)).toEqual([0, 0]);
  expect(await isCommonPassword('password')).toBe(true);
});
