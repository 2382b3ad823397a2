import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '..');
const pages = globSync(['README.md', 'docs/**/*.md', 'apps/*/README.md', 'libs/*/README.md'], { cwd: root });
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** Anchors of a page, as GitHub makes them from its headings. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface Link {
  readonly target: string;
  readonly anchor: string | undefined;
}

/** Links to files of this repository, with paths from its root. */
function linksOf(page: string): Link[] {
  return [...textOf(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, path = '', anchor]) => ({ target: path === '' ? page : join(dirname(page), path), anchor }),
  );
}

/** What docs/extending.md lets `npm run new` write. */
const examples = /^(?:apps\/reporting|(?:apps\/billing|libs\/contracts)\/src\/(?:billing\/)?plan)\b/;

/** Paths in backticks, such as `apps/auth/src/config.ts`. A path with a placeholder or a pattern is skipped. */
function pathsOf(page: string): string[] {
  const paths = [...textOf(page).matchAll(/`((?:apps|docs|libs|scripts|test|tools)\/[\w./-]+)`/g)];
  return paths.map(([, path = '']) => path).filter((path) => !examples.test(path));
}

/** The scripts that a page tells to run: `npm start`, `npm test`, `npm run staff`. */
function commandsOf(page: string): string[] {
  const text = textOf(page);
  const named = [...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
  return [...named, ...[...text.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name)];
}

it('finds the pages, their links and their commands', () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(linksOf('README.md').length).toBeGreaterThan(15);
  expect(commandsOf('docs/commands.md').length).toBeGreaterThan(20);
});

it.each(pages)('%s links to files and headings that exist', (page) => {
  const broken = linksOf(page).filter(
    ({ target, anchor }) =>
      !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor)),
  );
  expect(broken).toEqual([]);
});

it.each(pages)('%s names only paths that exist', (page) => {
  expect(pathsOf(page).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it.each(pages)('%s names only commands that exist', (page) => {
  expect(commandsOf(page).filter((name) => scripts[name] === undefined)).toEqual([]);
});

it('lists every command in docs/commands.md or as part of another one', () => {
  const internal = ['build', 'typecheck', 'format:check', 'jest'];
  const listed = commandsOf('docs/commands.md');
  expect(Object.keys(scripts).filter((name) => !listed.includes(name) && !internal.includes(name))).toEqual([]);
});

it('links every page of docs from the README', () => {
  const linked = linksOf('README.md').map(({ target }) => target);
  const missing = globSync('docs/*.md', { cwd: root }).filter((page) => !linked.includes(page));
  expect(missing).toEqual([]);
});
