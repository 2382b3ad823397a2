export { audit } from './audit';
export { deadLetters } from './dead-letters';
export { reencryptFields } from './reencrypt';
export { databaseHelp, withDatabase } from './with-database';
