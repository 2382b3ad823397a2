import {
  exportAuditEntries,
  listAuditEntries,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { AuditLogService } from './audit-log.service';

@Controller()
export class AuditLogHandler {
  constructor(private readonly auditLog: AuditLogService) {}

  @Handles(listAuditEntries)
  list(
    page: RequestOf<typeof listAuditEntries>,
    context: ContextOf<typeof listAuditEntries>,
  ): Promise<ResponseInput<typeof listAuditEntries>> {
    return this.auditLog.list(context, page);
  }

  @Handles(exportAuditEntries)
  export(
    part: RequestOf<typeof exportAuditEntries>,
    context: ContextOf<typeof exportAuditEntries>,
  ): Promise<ResponseInput<typeof exportAuditEntries>> {
    return this.auditLog.export(context, part);
  }
}
