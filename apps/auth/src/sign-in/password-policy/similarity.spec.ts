import { isSimilar } from './similarity';

const serviceName = 'Groundwork';
const lovelace = { email: 'ada.lovelace@analytical.example', name: 'Ada King-Noel', serviceName };
const anna = { email: 'anna@gmail.com', name: 'Anna Müller', serviceName };
const short = { email: 'li@qq.com', name: '李娜', serviceName };

it.each([
  ['the local part', 'ada.lovelace', lovelace],
  ['the local part without its dot', 'AdaLovelace', lovelace],
  ['half of the local part', 'lovelace', lovelace],
  ['the email address', 'ada.lovelace@analytical.example', lovelace],
  ['an email address without a long word', 'li@qq.com1', { ...short, email: 'lia@qqq.com' }],
  ['the domain', 'Analytical', lovelace],
  ['the domain with a year', 'analytical-2026', lovelace],
  ['a part of the email address', 'velace@analytic', lovelace],
  ['the name', 'Ada King-Noel', lovelace],
  ['the name backwards', 'leongnikada', lovelace],
  ['the local part backwards, and a number', 'ecalevol99', lovelace],
  ['look-alikes', '4d4.l0ve1ace', lovelace],
  ['look-alikes with an exclamation mark', '!0v3lac3!!', lovelace],
  ['blanks in between', 'l o v e l a c e', lovelace],
  ['a letter missing', 'lovlace2026', lovelace],
  ['two letters wrong', 'loverace!', lovelace],
  ['a name of four letters and as much besides', 'anna1987', anna],
  ['the name twice', 'anna-anna-7', anna],
  ['a name with another word', 'anna.gmail.x', anna],
  ['a name without its accent', 'mueller1', anna],
  ['a name with its accent', 'MÜLLER..', anna],
  ['this service', 'groundwork1', anna],
  ['this service, misspelt', 'Gr0undwork$', anna],
])('refuses %s: %s', (_what, password, facts) => {
  expect(isSimilar(password, facts)).toBe(true);
});

it.each([
  ['a passphrase that holds a name', 'the banana boat sails to savannah', anna],
  ['a passphrase with the very name in it', 'when anna met the gray heron twice', anna],
  ['a passphrase with the name of the service', 'solid groundwork beats tall towers', anna],
  ['another word of the same length', 'labyrinth', lovelace],
  ['a word that begins alike', 'lovebirds', lovelace],
  ['a short name in a random password', 'k7#anna9vQz!x', anna],
  ['a word one letter from a short name', 'hanna-flute', { ...anna, name: 'Hank' }],
  ['random letters', 'xkqzjwvb', lovelace],
  ['digits that look like letters', '73905182', lovelace],
  ['pictures', '🐎🔋🖇️🍎🌍🎈🧵🪁', lovelace],
  ['signs that fold to nothing', '........', lovelace],
  ['a single letter of the name between blanks', '       a', lovelace],
  ['a local part of two letters', 'liliput river', short],
  ['another script', 'пароль мой длинный', short],
])('accepts %s: %s', (_what, password, facts) => {
  expect(isSimilar(password, facts)).toBe(false);
});

it('handles the longest email address and name quickly', () => {
  const email = `${'a.'.repeat(31)}b@${'abcd.'.repeat(36)}example`;
  const startedAt = performance.now();
  for (let round = 0; round < 10; round++)
    isSimilar('zyxw'.repeat(32), { email, name: 'Abcd '.repeat(20), serviceName });
  expect((performance.now() - startedAt) / 10).toBeLessThan(1_000);
});
