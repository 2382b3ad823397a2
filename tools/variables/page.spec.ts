import { readFileSync } from 'node:fs';
import { pageFile, services, variablesPage } from './page';

const page = readFileSync(pageFile, 'utf8');

it('docs/variables.md is what npm run variables writes', async () => {
  expect(page).toBe(await variablesPage());
});

it.each(services)('says of each variable of $name what it does', ({ settings, variables }) => {
  expect(settings.filter(({ meaning }) => !/^[A-Z].*\.$/.test(meaning)).map(({ name }) => name)).toEqual([]);
  expect(settings.filter(({ name }) => !page.includes(`| \`${name}\` `))).toEqual([]);
  const files = settings.filter(({ isSecret }) => isSecret).map(({ name }) => `${name}_FILE`);
  expect([...settings.map(({ name }) => name), ...files].toSorted()).toEqual([...variables].toSorted());
});

it('marks what production needs, what is secret, and what the images set', () => {
  expect(page).toMatch(/^\| `CSRF_SECRET` +\| required +\| secret +\| Signs the tokens/m);
  expect(page).toMatch(/^\| `TRUST_PROXY` +\| required +\| +\| The proxies/m);
  expect(page).toMatch(/^\| `MANAGEMENT_HOST` +\| `127\.0\.0\.1` \(`0\.0\.0\.0`\) +\| +\|/m);
  expect(page).toMatch(/^\| `SENTRY_DSN` +\| +\| secret +\|/m);
});
