import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';

it('docs/observability.md has every metric, and no other', () => {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.spec\.ts$|\/fixtures\//.test(file),
  );
  const declared = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:counter|gauge|durationHistogram)\(\s*'(\w+)'/g)].map(
      ([, name]) => name,
    ),
  );
  const page = readFileSync(join(root, 'docs', 'observability.md'), 'utf8');
  const rows = (page.split('## Metrics')[1] ?? '').split('## Traces')[0] ?? '';
  const described = [...rows.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(described.toSorted()).toEqual(declared.toSorted());
});
