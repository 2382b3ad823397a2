/** What benchmarks run besides requests. Nothing else outside this app can import it. */
export { auth } from './auth.module';
export { AuthConfig } from './config';
export { OrganizationDeletionHandler } from './organization/organization/organization-deletion.handler';
export { RetentionService } from './retention/retention.service';
export { listStaff } from './staff/role/staff-roles';
