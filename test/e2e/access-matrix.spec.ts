import { eventually } from '#libs/testing';
import { z } from 'zod';
import { callers } from '../../tools/access-matrix/callers';
import { declaredRoutes, isDeclared, policies } from '../../tools/access-matrix/routes';
import { Edge } from '../../tools/access-matrix/edge';
import { People } from '../../tools/access-matrix/people';
import { Stages } from '../../tools/access-matrix/stage';
import { expectedRow, Walk, withUnknownIds } from '../../tools/access-matrix/walk';
import { newUser } from './client';
import { apiUrl, authDatabase, suite } from './suite';

const operation = z.object({
  security: z.array(z.record(z.string(), z.array(z.string()))),
  'x-permission': z.string().optional(),
});
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

const people = new People(authDatabase);
const edge = new Edge(apiUrl);
const walk = new Walk(edge, new Stages(edge, people, (token) => suite.untilRefusedEverywhere(token)));
afterAll(() => people.close());

/** The first registration at each replica loads password lists, which exceeds its deadline on a busy machine. */
beforeAll(() =>
  eventually(
    async () => {
      const responses = await Promise.all([suite.register(newUser()), suite.register(newUser())]);
      return responses.every(({ status }) => status === 202);
    },
    { timeoutMs: 60_000 },
  ),
);

async function describedOperations() {
  const { paths } = description.parse((await suite.call('GET', '/openapi.json')).body);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security, 'x-permission': permission }]) => ({
      route: `${method.toUpperCase()} ${path}`,
      security,
      permission,
    })),
  );
}

it('has a policy for each route in the OpenAPI document, and a route for each policy', async () => {
  expect((await describedOperations()).map(({ route }) => route).sort()).toEqual(declaredRoutes.toSorted());
});

it('has policies that match the OpenAPI document', async () => {
  for (const { route, ...said } of await describedOperations()) {
    if (!isDeclared(route)) throw new Error(`${route} has no policy.`);
    const policy = policies[route];
    const key =
      (policy.to !== 'person' && policy.to !== 'member') || policy.scope === null ? [] : [{ apiKey: [policy.scope] }];
    const cookie = route.startsWith('GET ') ? { cookie: [] } : { cookie: [], csrf: [] };
    const promised = policy.to === 'anyone' || policy.to === 'session' ? [] : [{ bearer: [] }, cookie, ...key];
    const permission = policy.to === 'member' ? (policy.permission ?? undefined) : undefined;
    expect({ route, ...said }).toEqual({ route, security: promised, permission });
  }
});

it.each(declaredRoutes)('%s admits exactly the callers of its policy', async (route) => {
  expect(await walk.row(route)).toEqual(expectedRow(route));
});

const named = declaredRoutes.filter((route) => expectedRow(route)['stranger'] === 'not_found');
it.each(named)('%s returns the same for another’s data as for data that does not exist', async (route) => {
  const [stranger] = callers.filter(({ meddles }) => meddles);
  if (stranger === undefined) throw new Error('Nobody meddles.');
  expect(await walk.call(route, stranger)).toEqual(await walk.call(route, stranger, withUnknownIds));
});
