import { AuditEntryRecord } from './audit-entries.table';

/** The entities of what `createAuditLog` creates, for the list of the service that has the audit log. */
export const auditEntities = [AuditEntryRecord];
