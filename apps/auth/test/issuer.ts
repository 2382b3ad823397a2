import { randomToken } from '#libs/encryption';
import { cleanupOnce, freePort } from '#libs/testing';
import { exportJWK, generateKeyPair } from 'jose';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { Browser } from './browser';

/** The user who signs in there, and the claims about them. */
export interface IssuerPerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** A certified OpenID Connect provider on loopback that signs `person` in without asking. */
export interface TestIssuer {
  readonly settings: {
    readonly id: string;
    readonly name: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Null if the user refuses. */
  person: IssuerPerson | null;
  /** Opens the client's authorization URL at the issuer. Returns the URL that the issuer redirects to. */
  visit(authorizationUrl: string, browser?: Browser): Promise<string>;
  /** How often someone had to sign in there. */
  signIns: number;
  stop(): Promise<void>;
}

export interface IssuerOptions {
  readonly id: string;
  readonly redirectUri: string;
  /** Whether the ID token contains the claims of the scopes, and not only the userinfo endpoint. */
  readonly tellsInIdToken?: boolean;
}

export async function startIssuer({ id, redirectUri, tellsInIdToken = false }: IssuerOptions): Promise<TestIssuer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [clientId, clientSecret] = [`${id}-client`, randomToken()];
  const client = { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] };
  const people = new Map<string, IssuerPerson>();
  const configuration = await configurationFor(client, people, tellsInIdToken);
  // It warns that its adapter is for tests.
  const warnings = jest.spyOn(console, 'warn').mockImplementation();
  const provider = new Provider(url, configuration);
  warnings.mockRestore();
  const issuer: Pick<TestIssuer, 'person' | 'signIns'> = { person: null, signIns: 0 };
  const oidc = provider.callback();
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    request.url?.startsWith('/interaction/') === true
      ? interact(provider, issuer, people, request, response)
      : oidc(request, response);
  const server = provider.listen(port, '127.0.0.1');
  server.removeAllListeners('request').on('request', (request, response) => void answer(request, response));
  await once(server, 'listening');
  const stop = cleanupOnce(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const visit = (address: string, browser = new Browser([url])) => browser.open(address);
  return Object.assign(issuer, {
    settings: { id, name: `The ${id}`, issuer: url, clientId, clientSecret },
    visit,
    stop,
  });
}

async function configurationFor(
  client: { readonly client_id: string; readonly client_secret: string; readonly redirect_uris: string[] },
  people: ReadonlyMap<string, IssuerPerson>,
  tellsInIdToken: boolean,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: randomToken(8) };
  return {
    clients: [client],
    jwks: { keys: [{ ...key, kty: 'RSA' }] },
    cookies: { keys: [randomToken()] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
    conformIdTokenClaims: !tellsInIdToken,
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ ...people.get(sub), sub }) }),
    ttl: { Grant: 600, Interaction: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 600 },
  };
}

/** The page where users sign in and agree. It does both at once. */
async function interact(
  provider: Provider,
  issuer: Pick<TestIssuer, 'person' | 'signIns'>,
  people: Map<string, IssuerPerson>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { person } = issuer;
  if (person === null) {
    const refused = { error: 'access_denied', error_description: 'They said no.' };
    return provider.interactionFinished(request, response, refused);
  }
  people.set(person.sub, person);
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    issuer.signIns++;
    return provider.interactionFinished(request, response, { login: { accountId: person.sub } });
  }
  const grant = new provider.Grant({ accountId: person.sub, clientId: String(params['client_id']) });
  grant.addOIDCScope('openid email profile');
  return provider.interactionFinished(
    request,
    response,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}
