export { auditPage } from './audit-entries.table';
export { AuditLog, type AuditInput } from './audit-log';
export { auditEntities } from './entities';
export { auditHeadOf, auditHeads, type AuditHead } from './heads';
export { createAuditLog, dropAuditLog } from './tables';
export { verifyAuditLog, type AuditScope, type BrokenChain } from './verification';
