import type { ClientAuth, Configuration } from 'openid-client';
import type { z } from 'zod';
import { boundedFetch } from './bounded-fetch';
import { identityOf, idTokenClaims, personClaims, type PersonClaims, type VerifiedIdentity } from './claims';
import type { OidcProviderSettings } from '../../provider-settings';

/** Of each call to the issuer. */
const timeoutSeconds = 5;
const discoveryLifeMs = 3_600_000;
const scope = 'openid email profile';
/** Sent to get `auth_time` (OpenID Connect Core section 3.1.2.1). No session here lives longer, so that few have to sign in there again. */
const longestSignInSeconds = 30 * 24 * 3_600;

/** What only we and the browser that began know of a flow. */
export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What the issuer put into the address that it sent the browser back to. */
export interface AuthorizationAnswer {
  readonly code?: string;
  readonly iss?: string;
  readonly error?: string;
}

/** An OpenID Connect issuer, by the certified client library, which is loaded at its first use. */
export class OidcProvider {
  private discovered: { readonly configuration: Promise<Configuration>; readonly until: number } | undefined;
  private readonly redirectUri: URL;

  constructor(
    private readonly settings: OidcProviderSettings,
    publicUrl: string,
  ) {
    this.redirectUri = new URL(`${publicUrl}/api/v1/auth/oauth/${settings.id}/callback`);
  }

  get id(): string {
    return this.settings.id;
  }

  get name(): string {
    return this.settings.name;
  }

  /** Learns what has to be known of the issuer before anything else. */
  async prepare(): Promise<void> {
    await this.configuration();
  }

  /** Authorization code with PKCE (RFC 9700 section 2.1.1). */
  async authorizationUrl(
    { state, nonce, codeVerifier }: FlowSecrets,
    how: 'sign in' | 'sign in again' = 'sign in',
  ): Promise<string> {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import('openid-client');
    const url = buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: this.redirectUri.href,
      scope,
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...(how === 'sign in' ? { max_age: String(longestSignInSeconds) } : { max_age: '0', prompt: 'login' }),
    });
    return url.href;
  }

  /**
   * Exchanges the code, and believes the ID token once signature, issuer, audience, times and nonce are right (OpenID Connect
   * Core section 3.1.3.7).
   * @throws whatever openid-client finds wrong
   */
  async identify(answer: AuthorizationAnswer, secrets: FlowSecrets): Promise<VerifiedIdentity> {
    const { authorizationCodeGrant } = await import('openid-client');
    const configuration = await this.configuration();
    const url = new URL(this.redirectUri);
    for (const [name, value] of Object.entries({ ...answer, state: secrets.state })) url.searchParams.set(name, value);
    const tokens = await authorizationCodeGrant(configuration, url, {
      expectedState: secrets.state,
      expectedNonce: secrets.nonce,
      pkceCodeVerifier: secrets.codeVerifier,
    });
    const told = tokens.claims();
    const idToken = idTokenClaims.parse(told);
    // One that names an address which we can't use has named one: another source may speak of another address.
    const isComplete = told?.['email'] !== undefined;
    return identityOf(idToken, isComplete ? idToken : await this.personOf(configuration, idToken, tokens.access_token));
  }

  /** Address and mark must come from one source. Issuers that give an access token as well may tell both by it only (section 5.4). */
  private async personOf(
    configuration: Configuration,
    idToken: z.output<typeof idTokenClaims>,
    accessToken: string,
  ): Promise<PersonClaims> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return idToken;
    const { fetchUserInfo } = await import('openid-client');
    return personClaims.parse(await fetchUserInfo(configuration, accessToken, idToken.sub));
  }

  /** Kept for an hour, and shared by all who wait for it; a failure is not kept. */
  private configuration(): Promise<Configuration> {
    if (this.discovered !== undefined && this.discovered.until > performance.now())
      return this.discovered.configuration;
    const discovered = { configuration: this.discover(), until: performance.now() + discoveryLifeMs };
    this.discovered = discovered;
    discovered.configuration.catch(() => {
      if (this.discovered === discovered) this.discovered = undefined;
    });
    return discovered.configuration;
  }

  private async discover(): Promise<Configuration> {
    const library = await import('openid-client');
    const issuer = new URL(this.settings.issuer);
    // Without it the library would trust the connection alone, and not look at signatures.
    const execute = [library.enableNonRepudiationChecks];
    // The settings let this through for loopback only, outside of production.
    if (issuer.protocol === 'http:') execute.push(library.allowInsecureRequests);
    const { clientId, clientSecret } = this.settings;
    const [post, basic] = [library.ClientSecretPost(clientSecret), library.ClientSecretBasic(clientSecret)];
    const authenticate: ClientAuth = (server, ...rest) => {
      // What is not said is Basic (OpenID Connect Discovery section 3).
      const takesPost = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
      return (takesPost ? post : basic)(server, ...rest);
    };
    return library.discovery(issuer, clientId, undefined, authenticate, {
      timeout: timeoutSeconds,
      [library.customFetch]: boundedFetch,
      execute,
    });
  }
}
