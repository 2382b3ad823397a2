import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

/** What cspell reports about a page with this text. */
function reportOn(page: string, text: string): string[] {
  const cspell = join('node_modules', 'cspell', 'bin.mjs');
  const args = ['--no-warnings', cspell, 'lint', '--no-progress', '--no-summary', '--words-only', `stdin://${page}`];
  return spawnSync(process.execPath, args, { cwd: root, input: text, encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '');
}

it('the spelling check reports misspellings and British spelling, and knows the terms of this project', () => {
  // cspell:disable-next-line
  const text = 'We recieve a colour from an organisation. The organization has a passkey for TOTP.';
  // cspell:disable-next-line
  expect(reportOn('docs/page.md', text)).toEqual(['recieve', 'colour', 'organisation']);
});

it.each(['docs/words.txt', 'test/words.txt'])('%s is sorted, in lowercase and without duplicates', (file) => {
  const words = readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  expect(words).toEqual([...new Set(words.map((word) => word.toLowerCase()))].toSorted(byCodePoint));
});
