import { publicUrl, type TestResponse, type TestGateway } from './gateway';

export const credentials = { email: 'ada@example.com', password: 'correct horse battery' };
export const ourPage = { origin: publicUrl, 'sec-fetch-site': 'same-origin' };
export const cookieMode = { ...ourPage, 'x-session-mode': 'cookie' };
export const anotherSessionId = '01890a5d-ac96-774b-bcce-b302099a8059';

/** A signed-in browser: its cookies for most paths and for the refresh path, and its CSRF token. */
export async function signedInBrowser(gateway: TestGateway, claims: Readonly<Record<string, unknown>> = {}) {
  const { login } = gateway.auth;
  const accessToken = await gateway.tokens.sign(claims);
  gateway.auth.login = async (...args) => ({ ...(await login(...args)), accessToken });
  const url = '/api/v1/auth/login';
  const response = await gateway.ask({ method: 'POST', url, headers: cookieMode, body: credentials });
  gateway.auth.login = login;
  return {
    response,
    cookie: cookieHeader(response, '__Host-access', '__Host-csrf'),
    refreshCookie: cookieHeader(response, '__Secure-refresh', '__Host-csrf'),
    /** All that is left after ten minutes, except on the refresh path. */
    csrfCookie: cookieHeader(response, '__Host-csrf'),
    csrf: response.cookies['__Host-csrf'] ?? '',
  };
}

export function cookieHeader({ cookies }: TestResponse, ...names: string[]): string {
  return names.map((name) => `${name}=${encodeURIComponent(cookies[name] ?? '')}`).join('; ');
}
