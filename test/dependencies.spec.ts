import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '..');
const versions = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8').split('## Held at a version')[0] ?? '';

it('docs/dependencies.md explains exactly the declared dependencies', () => {
  const explained = [...page.matchAll(/^- `([^`]+)`: \S.*\.$/gm)].map(([, name]) => name);
  const declared = Object.values(manifest).flatMap((group) => Object.keys(group));
  expect(explained.toSorted()).toEqual(declared.toSorted());
});

it('package.json pins every version exactly, so that only a commit can change it', () => {
  const all = Object.values(manifest).flatMap((group) => Object.values(group));
  for (const version of all) expect(version).toMatch(/^(npm:[a-z-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
});
