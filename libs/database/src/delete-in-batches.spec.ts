import { testDatabase } from '#libs/testing';
import { z } from 'zod';
import { createDataSource } from './data-source';
import { deleteInBatches } from './delete-in-batches';
import { queryRows } from './query';

it('deletes every matching row in as many batches as needed, and no other row', async () => {
  const { url } = await testDatabase();
  const source = createDataSource({ url, service: 'billing', poolSize: 1, entities: [] });
  await source.initialize();
  try {
    await source.query('CREATE TABLE numbers (n int PRIMARY KEY)');
    await source.query('INSERT INTO numbers SELECT generate_series(1, 2500)');
    await deleteInBatches(source, {
      table: 'numbers',
      key: 'n',
      where: 'n <= $1',
      parameters: [2_400],
      oldestFirst: 'n',
    });
    const sql = 'SELECT min(n) AS first, count(*)::int AS rows FROM numbers';
    const [left] = await queryRows(source.manager, sql, [], z.object({ first: z.int(), rows: z.int() }));
    expect(left).toEqual({ first: 2_401, rows: 100 });
  } finally {
    await source.destroy();
  }
});
