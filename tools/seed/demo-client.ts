import { setTimeout as delay } from 'node:timers/promises';
import { session } from '#libs/contracts';
import { z } from 'zod';

const mailTimeoutMs = 30_000;
const receivedMail = z.object({ text: z.string(), to: z.array(z.object({ address: z.string() })) });

export interface DemoUser {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Uses a running suite like a user: over HTTP and by reading emails. */
export class DemoClient {
  constructor(private readonly urls: { readonly api: string; readonly mail: string }) {}

  /**
   * @returns the body
   * @throws Error that names the request and the response
   */
  async call(
    method: 'GET' | 'POST',
    path: string,
    { body, token }: { body?: unknown; token?: string } = {},
  ): Promise<unknown> {
    const { ok, status, text } = await this.request(method, path, body, token);
    if (!ok) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 1_000)}`);
    return text === '' ? null : JSON.parse(text);
  }

  /**
   * Creates the account and verifies its email address if it does not exist.
   * @returns an access token
   */
  async signIn(user: DemoUser): Promise<string> {
    const { email, password } = user;
    const tried = await this.request('POST', '/auth/login', { email, password });
    if (tried.ok) return session.parse(JSON.parse(tried.text)).accessToken;
    await this.call('POST', '/auth/register', { body: user });
    const token = await this.mailedToken(email, 'verify-email');
    return session.parse(await this.call('POST', '/auth/verify-email', { body: { token } })).accessToken;
  }

  /** Returns the token of the newest email to this address that links to this page. */
  async mailedToken(email: string, page: string): Promise<string> {
    const link = new RegExp(`/${page}#token=(\\S+)`);
    for (const deadline = Date.now() + mailTimeoutMs; Date.now() < deadline; await delay(100)) {
      const response = await fetch(`${this.urls.mail}/api/email`, { signal: AbortSignal.timeout(mailTimeoutMs) });
      const mails = z.array(receivedMail).parse(await response.json());
      const tokens = mails
        .filter(({ to }) => to.some(({ address }) => address === email))
        .flatMap(({ text }) => link.exec(text)?.[1] ?? []);
      const newest = tokens.at(-1);
      if (newest !== undefined) return newest;
    }
    throw new Error(`No mail with a link to /${page} came to ${email} within ${mailTimeoutMs / 1_000} s.`);
  }

  private async request(method: string, path: string, body?: unknown, token?: string) {
    const response = await fetch(`${this.urls.api}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { ok: response.ok, status: response.status, text: await response.text() };
  }
}
