export { audit } from './audit';
export { doctor } from './doctor/doctor';
export { deadLetters } from './dead-letters';
export { reencryptFields } from './reencrypt';
export { databaseHelp, withDatabase } from './with-database';
export { migrate } from './migrate';
export { migrationsOf } from './service-migrations';
