export { deadLetters } from './dead-letters';
export { reencryptFields } from './reencrypt';
