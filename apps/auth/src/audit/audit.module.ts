import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log/audit-log';
import { SecurityLog } from './security-log/security-log';
import { SecurityLogHandler } from './security-log/security-log.handler';

@Module({
  controllers: [SecurityLogHandler],
  providers: [AuditLog, SecurityLog],
  exports: [AuditLog, SecurityLog],
})
export class AuditModule {}
