export { BaseEntity } from './base.entity';
export { createDataSource, type DatabaseOptions } from './data-source';
export { databaseModule } from './database.module';
export { newId } from './id';
export { runMigrations } from './migrate';
export { grantRowAccess, provisionDatabase, type ProvisionedDatabase, type RolePasswords } from './provision';
export { execute, isUniqueViolation, queryPrepared, queryRows } from './query';
export { acrossTenants, asTenant, asUser } from './tenant';
