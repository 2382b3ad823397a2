import type { HealthChecks } from '#libs/service';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayRedis } from '../../rate-limit/gateway-redis';
import { RevokedSessions } from '../../session-revocation/revoked-sessions';

/** What this replica itself needs. Other services are not asked: were auth down, taking every gateway away would help nobody. */
export function readinessChecks(application: INestApplication): HealthChecks {
  const dataSource = application.get(DataSource);
  const redis = application.get(GatewayRedis);
  const revokedSessions = application.get(RevokedSessions);
  return {
    database: () => dataSource.query('SELECT 1'),
    cache: () => redis.connection.ping(),
    revocations: async () => revokedSessions.requireNews(),
  };
}
