import { session } from '#libs/contracts';
import { z } from 'zod';
import type { EdgeResponse } from './outcome';

const problem = z.object({ code: z.string() }).catch({ code: 'none' });

/** The input of a call. */
export interface Given {
  /** Values of the path's parameters. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** JSON, unless it is a form. */
  readonly body?: object;
}

export interface ReceivedResponse extends EdgeResponse {
  /** Without the parts that differ between requests. */
  readonly body: string;
}

/** Calls the suite's public API. */
export class Edge {
  constructor(readonly url: string) {}

  async ask(route: string, given: Given, headers: Record<string, string>): Promise<ReceivedResponse> {
    const { method, path, body } = requestTo(route, given);
    const isForm = body === undefined || body instanceof FormData;
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    const code = isProblem ? problem.parse(JSON.parse(text)).code : undefined;
    return { status: response.status, code, body: text.replace(/"requestId":"[^"]*"/, '') };
  }

  async accessToken(refreshToken: string): Promise<string> {
    return session.parse(await (await this.refresh(refreshToken)).json()).accessToken;
  }

  /** Signs a browser in. */
  async cookies(refreshToken: string): Promise<ReadonlyMap<string, string>> {
    const response = await this.refresh(refreshToken, { 'x-session-mode': 'cookie', origin: this.url });
    return new Map(
      response.headers.getSetCookie().map((cookie) => {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        return [name, value];
      }),
    );
  }

  private async refresh(refreshToken: string, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(`${this.url}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ refreshToken }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`The session could not be refreshed: ${await response.text()}`);
    return response;
  }
}

/** @param route `METHOD /path/{name}` */
export function requestTo(route: string, { path = {}, query = '', body }: Given) {
  const [method = '', template = ''] = route.split(' ');
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? missing(route, name));
  return { method, path: `${filled}${query}`, body };
}

function missing(route: string, name: string): never {
  throw new Error(`The sample of ${route} gives no ${name}.`);
}
