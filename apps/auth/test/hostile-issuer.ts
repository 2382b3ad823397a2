import { cleanupOnce } from '#libs/testing';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The response to the code. `claims` are those of an honest ID token. */
export type TokenAnswer = (claims: JWTPayload, issuer: HostileIssuer) => Promise<Response>;

/**
 * An issuer that says whatever a test wants. It has no authorization endpoint: tests continue as if the browser
 * had been there.
 */
export class HostileIssuer {
  answer: TokenAnswer = async (claims) => tokens(await this.sign(claims));
  /** The nonce of the last flow, from the URL of the authorization request. */
  nonce = '';

  private constructor(
    readonly url: string,
    readonly settings: {
      readonly id: string;
      readonly name: string;
      readonly issuer: string;
      readonly clientId: string;
      readonly clientSecret: string;
    },
    private readonly key: CryptoKey,
    private readonly published: object,
  ) {}

  static async start(id: string): Promise<HostileIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const published = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'k' };
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanupOnce(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${portOf(server.address())}`;
    const clientSecret = 'the-secret-that-both-of-them-know';
    const settings = { id, name: 'Hostile', issuer: url, clientId: 'us', clientSecret };
    const issuer = new HostileIssuer(url, settings, privateKey, published);
    server.on('request', (request, response) => {
      void issuer.respond(request.url ?? '').then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    return issuer;
  }

  claims(): JWTPayload {
    const now = Math.floor(Date.now() / 1_000);
    const { nonce, url: iss } = this;
    return { iss, aud: 'us', sub: 'subject', nonce, iat: now, exp: now + 300 };
  }

  sign(claims: JWTPayload, key = this.key): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key);
  }

  private async respond(path: string): Promise<Response> {
    if (path.endsWith('/openid-configuration')) return Response.json(this.discovery());
    if (path === '/jwks') return Response.json({ keys: [this.published] });
    return this.answer(this.claims(), this);
  }

  private discovery(): object {
    const { url: issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    };
  }
}

export function tokens(idToken?: string): Response {
  return Response.json({ access_token: 'a', token_type: 'Bearer', ...(idToken && { id_token: idToken }) });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('It does not listen.');
  return address.port;
}
