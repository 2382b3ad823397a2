export { sessions } from './sessions';
export { signingKeys } from './signing-keys';
export { staff } from './staff';
