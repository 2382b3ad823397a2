import { readFileSync } from 'node:fs';
import { accessMatrixPage, pageFile } from './page';
import { declaredRoutes, policies } from './routes';

it('docs/access-matrix.md is what the policies say: npm run access-matrix writes it', async () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(await accessMatrixPage());
});

it('whatever inside of an organization a path names is not there from within another', () => {
  const naming = declaredRoutes.filter((route) => /\/organizations\/\{organizationId\}\/.*\{/.test(route));
  expect(naming.length).toBeGreaterThan(0);
  for (const route of naming) expect({ route, ...policies[route] }).toMatchObject({ inside: true });
});

it('whatever of a person’s own a path names is there for them alone', () => {
  const naming = declaredRoutes.filter((route) => /\/users\/me\/.*\{/.test(route));
  expect(naming.length).toBeGreaterThan(0);
  for (const route of naming) expect({ route, ...policies[route] }).toMatchObject({ own: true });
});
