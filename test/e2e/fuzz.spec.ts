import { isUtf8 } from 'node:buffer';
import { createServer, type Server } from 'node:http';
import { declaredRoutes } from '../../tools/access-matrix/routes';
import { Fuzzer } from '../../tools/fuzz/fuzzer';
import { operationsOf } from '../../tools/fuzz/openapi';
import { Edge } from '../../tools/access-matrix/edge';
import { People } from '../../tools/access-matrix/people';
import { apiUrl, authDatabase } from './suite';

/** The same values in every run. `npm run fuzz` sends all known values, and random ones. */
const seed = 1;
const amounts = { known: 2, random: 1, shared: 0 };

const people = new People(authDatabase);
afterAll(() => people.close());

const operations = operationsOf(apiUrl);
async function operationOf(route: string) {
  const operation = (await operations).find((each) => each.route === route);
  if (operation === undefined) throw new Error(`${route} is missing in the OpenAPI document.`);
  return operation;
}

it.each(declaredRoutes)('%s responds to hostile values with a declared problem, never with a 5xx', async (route) => {
  const fuzzer = new Fuzzer(new Edge(apiUrl), people, apiUrl, amounts, seed);
  const { findings } = await fuzzer.run(await operationOf(route));
  expect(findings.map(({ where, value, fault }) => ({ where, value, fault }))).toEqual([]);
});

describe('the fuzzer itself', () => {
  /** A server that refuses invalid input like ours, except for four faults. */
  const faulty = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const respond = (status: number, code: string, type = 'application/problem+json') =>
        response.writeHead(status, { 'content-type': type }).end(JSON.stringify({ status, code, requestId: 'r' }));
      if (body.length > 50_000) return request.socket.destroy();
      if (body.includes(String.raw`\u0000`)) return respond(500, 'internal_error');
      if (!isUtf8(body)) return respond(400, 'malformed_json', 'text/plain');
      return respond(401, body.includes('[[[]]]') ? 'refresh_token_reused' : 'invalid_credentials');
    });
  });
  const { promise: port, resolve } = Promise.withResolvers<number>();
  beforeAll(() => faulty.listen(0, '127.0.0.1', () => resolve(portOf(faulty))));
  afterAll(() => new Promise((done) => faulty.close(done)));

  it('finds a crash, a dropped connection, an error that is not a problem, and an undeclared code', async () => {
    const all = { known: 1_000, random: 0, shared: 0 };
    const fuzzer = new Fuzzer(new Edge(apiUrl), people, `http://127.0.0.1:${await port}`, all, seed);
    const { findings } = await fuzzer.run(await operationOf('POST /api/v1/auth/login'));
    const faultsWith = (json: string) =>
      findings.filter(({ where, value }) => where === 'body.password' && value === json).map(({ fault }) => fault);
    expect(faultsWith(String.raw`"\u0000"`)).toEqual(['500 internal_error']);
    expect(faultsWith(`"${'a'.repeat(60_000)}"`)).toEqual([expect.stringMatching(/^No response/)]);
    expect(faultsWith('"J\u00e9"')).toEqual(['400 as text/plain.']);
    expect(faultsWith('[[[]]]')).toEqual([expect.stringContaining('does not declare')]);
    expect(faultsWith('" "')).toEqual([]);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
  return address.port;
}
