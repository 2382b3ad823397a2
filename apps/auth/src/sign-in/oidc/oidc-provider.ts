import type { ClientAuth, Configuration } from 'openid-client';
import type { z } from 'zod';
import { boundedFetch } from './bounded-fetch';
import { identityOf, idTokenClaims, personClaims, type PersonClaims, type VerifiedIdentity } from './claims';
import type { OidcProviderSettings } from '../../provider-settings';

/** For each request to the issuer. */
const timeoutSeconds = 5;
const discoveryLifeMs = 3_600_000;
const scope = 'openid email profile';
/**
 * Requests `auth_time` (OpenID Connect Core section 3.1.2.1). No session here lives longer, so few users must
 * sign in again.
 */
const longestSignInSeconds = 30 * 24 * 3_600;

/** The secrets of a flow. Only auth and the browser that started it know them. */
export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The issuer's parameters in the redirect URL. */
export interface AuthorizationAnswer {
  readonly code?: string;
  readonly iss?: string;
  readonly error?: string;
}

/** An OpenID Connect issuer, through the certified client library, which is loaded on first use. */
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

  /** Loads the issuer's metadata. */
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
   * Exchanges the code and verifies the ID token (OpenID Connect Core section 3.1.3.7).
   * @throws the errors of openid-client
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
    // If the ID token has an unusable email address, the userinfo endpoint must not supply another one.
    const isComplete = told?.['email'] !== undefined;
    return identityOf(idToken, isComplete ? idToken : await this.personOf(configuration, idToken, tokens.access_token));
  }

  /**
   * Email address and its verification must come from one source. Some issuers send both only from the userinfo
   * endpoint (section 5.4).
   */
  private async personOf(
    configuration: Configuration,
    idToken: z.output<typeof idTokenClaims>,
    accessToken: string,
  ): Promise<PersonClaims> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return idToken;
    const { fetchUserInfo } = await import('openid-client');
    return personClaims.parse(await fetchUserInfo(configuration, accessToken, idToken.sub));
  }

  /** Kept for an hour and shared by concurrent callers. A failure is not kept. */
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
    // Otherwise the library would trust the connection and not check signatures.
    const execute = [library.enableNonRepudiationChecks];
    // The configuration allows this only for loopback, and never in production.
    if (issuer.protocol === 'http:') execute.push(library.allowInsecureRequests);
    const { clientId, clientSecret } = this.settings;
    const [post, basic] = [library.ClientSecretPost(clientSecret), library.ClientSecretBasic(clientSecret)];
    const authenticate: ClientAuth = (server, ...rest) => {
      // The default is Basic (OpenID Connect Discovery section 3).
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
