import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { ApiKeyHandler } from './api-key.handler';
import { ApiKeyService } from './api-key.service';

@Module({
  imports: [AuditModule],
  controllers: [ApiKeyHandler],
  providers: [ApiKeyService],
})
export class ApiKeyModule {}
