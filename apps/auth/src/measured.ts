/** What benchmarks run beside requests. Nothing else outside of this app may import it. */
export { auditHeads } from './audit/audit-log/heads';
export { verifyAuditLog } from './audit/audit-log/verification';
export { auth } from './auth.module';
export { AuthConfig } from './config';
export { OrganizationDeletionHandler } from './organization/organization/organization-deletion.handler';
export { RetentionService } from './retention/retention.service';
export { listStaff } from './staff/role/staff-roles';
