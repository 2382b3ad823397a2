import {
  dropDeadLetter,
  inspectDeadLetter,
  listDeadLetters,
  listPlatformAudit,
  replayDeadLetter,
  type ServiceName,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { Queues } from '#libs/jobs';
import { closeRedis, createRedis } from '#libs/redis';
import { cleanupOnce, eventually } from '#libs/testing';
import { UnrecoverableError, Worker } from 'bullmq';
import { contextOf, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { outcome } from '../../../test/as';
import { aStaffMember } from '../../../test/staff';

let auth: TestAuth;
let queues: Queues;
let redisUrl: string;
let admin: Awaited<ReturnType<typeof aStaffMember>>;
let support: typeof admin;
beforeAll(async () => {
  const servers = await startServers();
  redisUrl = servers.redis.url;
  auth = await startAuth(servers);
  queues = auth.application.get(Queues, { strict: false });
  [admin, support] = [await aStaffMember(auth), await aStaffMember(auth, 'support')];
});

/** Dead letters of a service that does not run here. */
async function aDeadLetter(service: ServiceName, name: string, payload: object = {}, id = newId()): Promise<string> {
  const queue = queues.of(service, 'events');
  const data = { producer: 'auth', payload: JSON.stringify(payload), context: contextOf() };
  await queue.add(name, data, { jobId: id, attempts: 1 });
  const connection = createRedis({ url: redisUrl, name: 'dead-letters' }, 'bullmq');
  const fail = () => Promise.reject(new UnrecoverableError('Out of reach'));
  const worker = new Worker(queue.name, fail, { connection, prefix: queue.opts.prefix ?? '' });
  const end = cleanupOnce(async () => {
    await worker.close(true);
    await closeRedis(connection);
  });
  await eventually(async () => (await queue.getJob(id))?.isFailed());
  await end();
  return id;
}

const list = (request: { service?: ServiceName; limit?: number; cursor?: string } = {}) =>
  auth.rpc.call(listDeadLetters, request, support.me);
const idsOf = ({ data }: Awaited<ReturnType<typeof list>>) => data.map(({ id }) => id);
const inspect = (service: ServiceName, id: string) => auth.rpc.call(inspectDeadLetter, { service, id }, support.me);
const sessionRevoked = () => ({ sessionId: newId(), accessTokensExpireAt: new Date().toISOString() });

it('lists dead letters of all services, newest first, page by page', async () => {
  const ids: string[] = [];
  for (const service of ['billing', 'gateway', 'billing'] as const) {
    ids.unshift(await aDeadLetter(service, 'session.revoked', sessionRevoked()));
  }
  const first = await list({ limit: 2 });
  expect(idsOf(first)).toEqual(ids.slice(0, 2));
  const second = await list({ limit: 2, cursor: first.nextCursor ?? '' });
  expect(idsOf(second)).toEqual(ids.slice(2));
  expect(second.nextCursor).toBeNull();
  expect(idsOf(await list({ service: 'gateway' }))).toEqual([ids[1]]);
  expect(first.data[0]).toMatchObject({
    service: 'billing',
    name: 'session.revoked',
    queue: 'billing-events',
    producer: 'auth',
    reason: 'Out of reach',
    attempts: 1,
  });
  for (const cursor of ['x', Buffer.from('{}').toString('base64url')]) {
    expect(await outcome(list({ cursor }))).toBe('validation_failed');
  }
});

it('neither skips nor repeats one of several with the same millisecond', async () => {
  const ids = await Promise.all(
    ['gateway', 'billing', 'billing'].map((service) =>
      aDeadLetter(service === 'gateway' ? 'gateway' : 'billing', 'session.revoked'),
    ),
  );
  for (const service of ['gateway', 'billing'] as const) {
    const queue = queues.of(service, 'events');
    for (const id of ids) await queues.connection.zadd(queue.toKey('failed'), 'XX', 4_000_000_000_000, id);
  }
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 3; page++) {
    const { data, nextCursor } = await list({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...data.map(({ id }) => id));
    cursor = nextCursor ?? undefined;
  }
  expect(found.toSorted()).toEqual(ids.toSorted());
});

it('shows the payload, unless it is confidential or unknown', async () => {
  const payload = sessionRevoked();
  expect(await inspect('gateway', await aDeadLetter('gateway', 'session.revoked', payload))).toMatchObject({ payload });
  for (const name of ['mail.requested', 'of.another_version']) {
    const id = await aDeadLetter('notification', name, { to: 'ada@example.com' });
    const details = await inspect('notification', id);
    expect(details.payload).toBeNull();
    expect(JSON.stringify(details)).not.toContain('ada@example.com');
    expect(await outcome(inspect('billing', id))).toBe('not_found');
  }
});

it('lets an admin replay one, which waits for its service again, and records who did it', async () => {
  const id = await aDeadLetter('billing', 'session.revoked');
  expect(await auth.rpc.call(replayDeadLetter, { service: 'billing', id }, admin.me)).toBeNull();
  expect(await (await queues.of('billing', 'events').getJob(id))?.getState()).toBe('waiting');
  expect(await outcome(auth.rpc.call(replayDeadLetter, { service: 'billing', id }, admin.me))).toBe('not_found');
  const { data } = await auth.rpc.call(listPlatformAudit, { target: id }, support.me);
  expect(data).toMatchObject([
    {
      act: 'dead_letter.replayed',
      actor: { id: admin.user.id },
      before: { service: 'billing', event: 'session.revoked' },
    },
  ]);
});

it('lets an admin drop one, once with concurrent requests, and the producer does not add it again', async () => {
  const id = await aDeadLetter('billing', 'session.revoked');
  const drop = () => outcome(auth.rpc.call(dropDeadLetter, { service: 'billing', id }, admin.me));
  expect((await Promise.all([drop(), drop()])).toSorted()).toEqual(['not_found', 'ok']);
  expect(await queues.of('billing', 'events').getJob(id)).toBeUndefined();
  const { data } = await auth.rpc.call(listPlatformAudit, { target: id }, support.me);
  expect(data.map(({ act }) => act)).toEqual(['dead_letter.dropped']);
});

it('lets support only read, and former staff change nothing', async () => {
  const id = await aDeadLetter('billing', 'session.revoked');
  const former = await aStaffMember(auth);
  await auth.dataSource.query('UPDATE users SET staff_role = NULL WHERE id = $1', [former.user.id]);
  for (const contract of [replayDeadLetter, dropDeadLetter]) {
    expect(await outcome(auth.rpc.call(contract, { service: 'billing', id }, support.me))).toBe('permission_denied');
    expect(await outcome(auth.rpc.call(contract, { service: 'billing', id }, former.me))).toBe('unauthenticated');
  }
  expect(await inspect('billing', id)).toMatchObject({ id });
});
