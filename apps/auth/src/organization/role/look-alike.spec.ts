import { builtInLookAlike, looksLike } from './look-alike';

it.each([
  ['owner', 'owner'],
  ['OWNER', 'owner'],
  ['\uff4f\uff57\uff4e\uff45\uff52', 'owner'],
  ['\u043ewner', 'owner'],
  ['\u041ewn\u0435r', 'owner'],
  ['0wner', 'owner'],
  ['\u{1d428}\u{1d430}\u{1d427}\u{1d41e}\u{1d42b}', 'owner'],
  ['\u24de\u24e6\u24dd\u24d4\u24e1', 'owner'],
  ['\u0430dmin', 'admin'],
  ['ADM\u0406N', 'admin'],
  ['ADMlN', 'admin'],
  ['adrnin', 'admin'],
  ['V1EWER', 'viewer'],
  ['v\u0456ewer', 'viewer'],
  ['\u217fe\u217fber', 'member'],
])('finds that %s looks like the built-in role %s', (name, role) => expect(builtInLookAlike(name)).toBe(role));

it.each([
  'Auditor',
  'Owners',
  'Co-owner',
  'Administrator',
  'Reviewer',
  'Mitglied',
  '\u0410\u0434\u043c\u0438\u043d',
  'オーナー',
])('finds that %s looks like no built-in role', (name) => expect(builtInLookAlike(name)).toBeUndefined());

it('distinguishes names that look alike from ones that do not', () => {
  expect(looksLike('Auditor', '\u0410udit\u043er')).toBe(true);
  expect(looksLike('Auditor', 'AUDITOR')).toBe(true);
  expect(looksLike('Level 1', 'Level 2')).toBe(false);
  expect(looksLike('Plan A1', 'Plan AI')).toBe(false);
});
