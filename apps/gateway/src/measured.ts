/** What benchmarks run besides requests. No other code outside this app can import it. */
export { AccessTokenVerifier } from './access/access-token.verifier';
