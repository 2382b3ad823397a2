import { accessPaths, parsePlan, scannedTables } from './plans';

const node = (type: string, more: object = {}) => ({ 'Node Type': type, ...more });

it('finds every scan of a table at any depth of a plan', () => {
  const plan = parsePlan(
    JSON.stringify({
      'Query Text': 'SELECT 1\n   FROM users',
      Plan: node('Limit', {
        Plans: [
          node('Index Scan', { 'Relation Name': 'users', 'Index Name': 'users_pkey' }),
          node('Hash', { Plans: [node('Seq Scan', { 'Relation Name': 'sessions' })] }),
          node('Bitmap Heap Scan', {
            'Relation Name': 'api_keys',
            Plans: [node('Bitmap Index Scan', { 'Index Name': 'api_keys_user_id_idx' })],
          }),
          node('ModifyTable', { 'Relation Name': 'outbox' }),
        ],
      }),
    }),
  );
  expect(plan.sql).toBe('SELECT 1 FROM users');
  expect(scannedTables(plan)).toEqual(['sessions']);
  expect(accessPaths(plan)).toEqual(['users_pkey', 'sessions (all)', 'api_keys_user_id_idx (bitmap)']);
});

it('counts a parallel scan of a table as a sequential scan', () => {
  const scan = node('Seq Scan', { 'Relation Name': 'users', 'Parallel Aware': true });
  const plan = parsePlan(JSON.stringify({ 'Query Text': '', Plan: node('Gather', { Plans: [scan] }) }));
  expect(scannedTables(plan)).toEqual(['users']);
});
