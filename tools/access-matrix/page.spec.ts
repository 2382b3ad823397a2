import { readFileSync } from 'node:fs';
import { accessMatrixPage, pageFile } from './page';
import { declaredRoutes, policies } from './routes';

it('docs/access-matrix.md matches the policies: npm run access-matrix writes it', async () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(await accessMatrixPage());
});

it('hides everything inside an organization from callers of another organization', () => {
  const naming = declaredRoutes.filter((route) => /\/organizations\/\{organizationId\}\/.*\{/.test(route));
  expect(naming.length).toBeGreaterThan(0);
  for (const route of naming) expect({ route, ...policies[route] }).toMatchObject({ inside: true });
});

it('hides everything of a user’s own from other users', () => {
  const naming = declaredRoutes.filter((route) => /\/users\/me\/.*\{/.test(route));
  expect(naming.length).toBeGreaterThan(0);
  for (const route of naming) expect({ route, ...policies[route] }).toMatchObject({ own: true });
});
