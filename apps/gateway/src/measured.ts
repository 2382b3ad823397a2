/** What benchmarks run beside requests. Nothing else outside of this app may import it. */
export { AccessTokenVerifier } from './access/access-token.verifier';
