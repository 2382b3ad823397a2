import { auditPage } from '#libs/audit';
import {
  exportAuditEntries,
  listAuditEntries,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OrganizationAccess } from '../organization/organization-access';

const entriesPerAnswer = 500;

@Controller()
export class AuditLogHandler {
  constructor(private readonly access: OrganizationAccess) {}

  @Handles(listAuditEntries)
  list(
    { organizationId, ...page }: RequestOf<typeof listAuditEntries>,
    context: ContextOf<typeof listAuditEntries>,
  ): Promise<ResponseInput<typeof listAuditEntries>> {
    return this.access.run(context, listAuditEntries, organizationId, ({ manager }) =>
      auditPage(manager, organizationId, page),
    );
  }

  /** The export is recorded once, with its first part. The entry itself is not part of the export. */
  @Handles(exportAuditEntries)
  export(
    { organizationId, ...part }: RequestOf<typeof exportAuditEntries>,
    context: ContextOf<typeof exportAuditEntries>,
  ): Promise<ResponseInput<typeof exportAuditEntries>> {
    return this.access.run(context, exportAuditEntries, organizationId, async ({ manager, record }) => {
      const page = await auditPage(manager, organizationId, { ...part, limit: entriesPerAnswer });
      const { cursor, ...filter } = part;
      if (cursor === undefined)
        await record('audit_log.exported', { type: 'organization', id: organizationId }, { after: filter });
      return page;
    });
  }
}
