import { randomBytes, randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { startGateway } from '../../test/gateway';
import { RetentionService } from './retention.service';

it('deletes all expired rows and keeps the others', async () => {
  const gateway = await startGateway();
  const dataSource = gateway.application.get(DataSource);
  const [live, expired] = [randomUUID(), randomUUID()];
  await dataSource.query(
    `INSERT INTO revoked_sessions (session_id, access_tokens_expire_at)
     VALUES ($1, now() + interval '1 minute'), ($2, now() - interval '1 minute')`,
    [live, expired],
  );
  await dataSource.query(
    `INSERT INTO idempotency_records (id, fingerprint, lease_id, lease_expires_at, expires_at)
     SELECT sha256(n::text::bytea), sha256('x'), gen_random_uuid(), now(), now() - interval '1 minute'
     FROM generate_series(1, 2500) AS n`,
  );
  await dataSource.query(
    `INSERT INTO idempotency_records (id, fingerprint, lease_id, lease_expires_at, expires_at)
     VALUES ($1, sha256('x'), gen_random_uuid(), now(), now() + interval '1 minute')`,
    [randomBytes(32)],
  );
  await gateway.application.get(RetentionService).deleteExpired();
  expect(await dataSource.query('SELECT session_id FROM revoked_sessions')).toEqual([{ session_id: live }]);
  expect(await dataSource.query('SELECT count(*)::int AS kept FROM idempotency_records')).toEqual([{ kept: 1 }]);
});
