import { queryRows } from '#libs/database';
import { v7 } from 'uuid';
import { z } from 'zod';
import { Bed } from './fixtures/bed';
import { deleteFinished, deleteProcessed } from './retention';

const dayMs = 86_400_000;
const yesterday = Date.now() - dayMs;

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.create();
});
afterEach(() => bed.clearEffects());
afterAll(() => bed.close());

const count = async (sql: string): Promise<number> =>
  (await queryRows(bed.dataSource.manager, sql, [], z.unknown())).length;
const allEvents = 'SELECT FROM outbox';
const allDeliveries = 'SELECT FROM outbox_deliveries';
const allProcessed = 'SELECT FROM inbox';

async function addEvents(number: number, madeAt: number, acknowledged: readonly boolean[]): Promise<void> {
  const ids = Array.from({ length: number }, () => v7({ msecs: madeAt }));
  await bed.dataSource.query("INSERT INTO outbox SELECT unnest($1::uuid[]), 'fixture.happened', '{}', '{}'", [ids]);
  for (const [index, isAcknowledged] of acknowledged.entries()) {
    const sql =
      'INSERT INTO outbox_deliveries (event_id, subscriber, acknowledged_at) SELECT unnest($1::uuid[]), $2, $3';
    await bed.dataSource.query(sql, [ids, `subscriber ${index}`, isAcknowledged ? new Date() : null]);
  }
}

it('deletes finished events after their time in batches, and keeps unfinished and newer ones', async () => {
  await addEvents(2_500, yesterday - 1, [true, true]);
  await addEvents(2, yesterday - 1, [true, false]);
  await addEvents(3, yesterday + 1, [true, true]);
  await deleteFinished(bed.dataSource, yesterday);
  expect(await count(allEvents)).toBe(5);
  expect(await count(allDeliveries)).toBe(10);
});

it('deletes old inbox rows by their processing time, not by the time of the event', async () => {
  const ids = (number: number) => Array.from({ length: number }, () => v7({ msecs: yesterday - dayMs }));
  const sql = 'INSERT INTO inbox SELECT unnest($1::uuid[]), $2';
  await bed.dataSource.query(sql, [ids(1_200), new Date(yesterday - 1)]);
  await bed.dataSource.query(sql, [ids(7), new Date(yesterday + 1)]);
  await deleteProcessed(bed.dataSource, yesterday);
  expect(await count(allProcessed)).toBe(7);
});

it('lets the relay read only unfinished rows, even beside many finished ones', async () => {
  await bed.dataSource.query(`
    INSERT INTO outbox SELECT gen_random_uuid(), 'fixture.happened', '{}', '{}' FROM generate_series(1, 20000)`);
  await bed.dataSource.query(`
    INSERT INTO outbox_deliveries (event_id, subscriber, acknowledged_at) SELECT id, 'billing', now() FROM outbox`);
  await bed.dataSource.query('ANALYZE outbox, outbox_deliveries');
  const plan = await bed.dataSource.query(`
    EXPLAIN SELECT event_id FROM outbox_deliveries WHERE acknowledged_at IS NULL AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT 200 FOR UPDATE SKIP LOCKED`);
  expect(JSON.stringify(plan)).toContain('outbox_deliveries_due_idx');
});
