import { auditEntry, ProblemError } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { auditEntryWith, testOrganizationId } from '../../../test/organizations';
import { agreeableAuth, refuse } from '../../../test/stub-services';
import { exportFormats } from './export-formats';
import { exportLines } from './export-lines';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { REQUEST_TIMEOUT: '1' } });
  await gateway.application.listen(0, '127.0.0.1');
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const url = `/api/v1/organizations/${testOrganizationId}/audit-log`;
const ask = async (path: string, request: Partial<TestRequest> = {}) =>
  gateway.ask({ method: 'GET', url: path, headers: bearer(await gateway.tokens.sign()), ...request });

describe('GET /organizations/:id/audit-log', () => {
  it('passes on the filters and returns a page', async () => {
    const asked: unknown[] = [];
    gateway.auth.listAuditEntries = async (input) => {
      asked.push(input);
      return { data: [auditEntryWith()], nextCursor: 'next' };
    };
    const actor = randomUUID();
    const query = `actor=${actor}&act=member.left&target=t&from=2026-01-01T01:00:00%2B01:00&to=2026-02-01T00:00:00Z&limit=5&cursor=c`;
    const response = await ask(`${url}?${query}`);
    expect(response).toMatchObject({ status: 200, json: { data: [auditEntryWith()], nextCursor: 'next' } });
    const times = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
    const filter = { actor, act: 'member.left', target: 't', limit: 5, cursor: 'c', ...times };
    expect(asked).toEqual([{ organizationId: testOrganizationId, ...filter }]);
  });

  it.each(['actor=1', 'act=anything', 'from=yesterday', 'target=', 'limit=0', 'organizationId=x', 'unknown=1'])(
    'returns 422 for ?%s',
    async (query) => {
      expect(await ask(`${url}?${query}`)).toMatchObject({ status: 422, json: { errors: [expect.anything()] } });
    },
  );

  it('requires a signed-in user', async () => {
    for (const path of [url, `${url}/export?format=csv`]) {
      expect(await ask(path, { headers: {} })).toMatchObject({ status: 401 });
    }
  });
});

const hostile = [
  '=HYPERLINK("https://evil.test","click")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(A1)',
  '\tTab',
  '\rReturn',
  '＝1+1',
  'a "quoted", one;\r\nwith lines',
];

describe('an export', () => {
  it('is a CSV file in which no hostile name becomes a formula or leaves its cell', async () => {
    gateway.auth.exportAuditEntries = async () => ({
      data: hostile.map((text, index) =>
        auditEntryWith({
          sequence: index + 1,
          requestId: text,
          target: { type: 'user', id: text },
          after: { name: text },
        }),
      ),
      nextCursor: null,
    });
    const { status, headers, body } = await ask(`${url}/export?format=csv`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="audit-log-${testOrganizationId}.csv"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const [head, ...rows] = csv(body);
    const at = (name: string) => head?.indexOf(name) ?? -1;
    expect(rows.map((row) => row.length)).toEqual(hostile.map(() => head?.length));
    const defused = hostile.map((text) => (/^[a-z]/.test(text) ? text : `'${text}`));
    expect(rows.map((row) => row[at('requestId')])).toEqual(defused);
    expect(rows.map((row) => row[at('targetId')])).toEqual(defused);
    expect(rows.map((row) => JSON.parse(row[at('after')] ?? ''))).toEqual(hostile.map((name) => ({ name })));
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r＝]/);
  });

  it('is a JSON Lines file with the same entries as the list', async () => {
    const entries = hostile.map((name, index) => auditEntryWith({ sequence: index + 1, after: { name } }));
    gateway.auth.exportAuditEntries = async ({ cursor }) =>
      cursor === undefined
        ? { data: entries.slice(0, 3), nextCursor: 'more' }
        : { data: entries.slice(3), nextCursor: null };
    const { status, headers, body } = await ask(`${url}/export?format=jsonl`);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/jsonl; charset=utf-8',
    });
    const lines = body.trimEnd().split('\n');
    expect(lines.map((line) => auditEntry.parse(JSON.parse(line)))).toEqual(entries);
  });

  it('passes on its filter with every page', async () => {
    const asked: unknown[] = [];
    gateway.auth.exportAuditEntries = async (input) => {
      asked.push(input);
      return { data: [], nextCursor: input.cursor === undefined ? 'c' : null };
    };
    expect(await ask(`${url}/export?format=csv&act=member.left`)).toMatchObject({ status: 200 });
    const filter = { organizationId: testOrganizationId, act: 'member.left' };
    expect(asked).toEqual([filter, { ...filter, cursor: 'c' }]);
  });

  it.each(['', '?format=xlsx', '?format=csv&limit=5', '?format=csv&cursor=c'])(
    'returns 422 for «%s»',
    async (query) => {
      expect(await ask(`${url}/export${query}`)).toMatchObject({ status: 422 });
    },
  );

  it.each([
    ['permission_denied', 403],
    ['not_found', 404],
  ] as const)('returns a problem, not a file, when it is refused with %s', async (code, status) => {
    gateway.auth.exportAuditEntries = refuse(code);
    const response = await ask(`${url}/export?format=csv`);
    expect(response).toMatchObject({ status, json: { code } });
    expect(response.headers).not.toHaveProperty('content-disposition');
  });
});

/** Downloads over a real connection. Returns how it ended and how many bytes arrived. */
async function download(onData: (received: number, stop: () => void) => void = () => undefined) {
  const headers = bearer(await gateway.tokens.sign());
  return new Promise<{ received: number; complete: boolean }>((resolve, reject) => {
    const asking = request({ port: gateway.port(), path: `${url}/export?format=jsonl`, headers }, (response) => {
      let received = 0;
      response.on('data', (chunk: Buffer) => onData((received += chunk.length), () => asking.destroy()));
      response.on('error', () => undefined);
      response.on('close', () => resolve({ received, complete: response.complete }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('a long export', () => {
  const part = Array.from({ length: 200 }, () => auditEntryWith());

  it('can take longer than other requests', async () => {
    let parts = 0;
    const until = Date.now() + 2_500;
    gateway.auth.exportAuditEntries = async () => {
      parts++;
      return { data: part.slice(0, 1), nextCursor: Date.now() < until ? 'more' : null };
    };
    const { complete } = await download();
    expect(complete).toBe(true);
    expect(parts).toBeGreaterThan(1);
  });

  it('is cut off when it fails halfway, so that no client mistakes a part for the whole', async () => {
    let parts = 0;
    gateway.auth.exportAuditEntries = async () => {
      if (++parts === 3) throw new ProblemError('permission_denied');
      return { data: part, nextCursor: 'more' };
    };
    const { complete, received } = await download();
    expect(complete).toBe(false);
    expect(received).toBeGreaterThan(0);
  });

  it('stops reading when its client disconnects', async () => {
    let parts = 0;
    gateway.auth.exportAuditEntries = async () => {
      parts++;
      return { data: part, nextCursor: 'more' };
    };
    await download((received, stop) => {
      if (received > 100_000) stop();
    });
    const server = gateway.application.getHttpServer();
    await eventually(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count === 0))));
    const before = parts;
    for (let other = 0; other < 10; other++) await ask(url);
    expect(parts - before).toBeLessThan(2);
  });

  it('ends at its limit', async () => {
    const read = async () => ({ data: part, nextCursor: 'more' });
    let lines = 0;
    for await (const text of exportLines(exportFormats.jsonl, await read(), read, 450))
      lines += text.split('\n').length - 1;
    expect(lines).toBe(450);
  });
});

/** RFC 4180. */
function csv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
