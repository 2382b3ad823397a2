import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log/audit-log';
import { SecurityLog } from './security-log/security-log';
import { SecurityLogHandler } from './security-log/security-log.handler';

@Module({
  controllers: [SecurityLogHandler],
  providers: [SecurityLog, AuditLog],
  exports: [SecurityLog, AuditLog],
})
export class AuditModule {}
