import type { HealthChecks } from '#libs/service';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayRedis } from '../../rate-limit/gateway-redis';
import { RevokedSessions } from '../../session-revocation/revoked-sessions';

/**
 * Checks only what this replica itself needs. If auth is down, taking every gateway out of service would
 * help no one.
 */
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
