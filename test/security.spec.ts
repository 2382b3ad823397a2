import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..');
const file = join(root, 'docs', 'security.md');
const page = readFileSync(file, 'utf8');

/** OWASP ASVS 5.0.0: the number of requirements in each section of these chapters, and those of level 3. */
const sections = {
  61: 3,
  62: 12,
  63: 8,
  64: 6,
  65: 8,
  66: 4,
  67: 2,
  68: 4,
  71: 3,
  72: 4,
  73: 2,
  74: 5,
  75: 3,
  76: 2,
  91: 3,
  92: 4,
};
const levelThree = new Set('6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6 6.5.7 6.5.8 6.6.4 6.7.1 6.7.2 7.5.3'.split(' '));

it('docs/security.md covers every requirement of levels 1 and 2 of V6, V7 and V9 once, in order', () => {
  const all = Object.entries(sections).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section.split('').join('.')}.${index + 1}`),
  );
  const rows = [...page.matchAll(/^\| (\d+\.\d+\.\d+) +\| [^|]+ \| (met|partly|not|none) +\| [^|]+ \|$/gm)];
  expect(rows.map(([, number]) => number)).toEqual(all.filter((number) => !levelThree.has(number)));
});

it('docs/security.md names only files and pages that exist', () => {
  const files = [...page.matchAll(/`((?:apps|libs|scripts|test)\/[^`]+)`/g)].map(([, name]) => join(root, name ?? ''));
  const pages = [...page.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, name]) => join(dirname(file), name ?? ''));
  expect(files.length).toBeGreaterThan(50);
  expect(pages.length).toBeGreaterThan(5);
  expect([...files, ...pages].filter((name) => !existsSync(name))).toEqual([]);
});

it('docs/security.md names only tests that exist in the file before them', () => {
  const named = [...page.matchAll(/`([^`]+\.spec\.ts)`((?:,? "[^"]+")+)/g)].flatMap(([, name = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ name, title })),
  );
  expect(named.length).toBeGreaterThan(20);
  const isMissing = ({ name, title }: (typeof named)[number]) =>
    !readFileSync(join(root, name), 'utf8').includes(title);
  expect(named.filter(isMissing)).toEqual([]);
});

it('docs/security.md links only to headings that exist', () => {
  const links = [...page.matchAll(/\]\(([^)#]*)#([^)]+)\)/g)];
  expect(links.length).toBeGreaterThan(3);
  for (const [, name = '', anchor] of links) {
    const target = name === '' ? page : readFileSync(join(dirname(file), name), 'utf8');
    const headings = [...target.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  }
});
