import { AuditLog } from '#libs/audit';
import { Module } from '@nestjs/common';
import { SecurityLog } from './security-log/security-log';
import { SecurityLogHandler } from './security-log/security-log.handler';

@Module({
  controllers: [SecurityLogHandler],
  providers: [AuditLog, SecurityLog],
  exports: [AuditLog, SecurityLog],
})
export class AuditModule {}
