import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { ApiKeyHandler } from './api-key.handler';

@Module({
  imports: [AuditModule],
  controllers: [ApiKeyHandler],
})
export class ApiKeyModule {}
