/**
 * The part of a browser that signing in at a provider needs: it keeps cookies and follows redirects within these
 * origins.
 */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  constructor(private readonly origins: readonly string[]) {}

  /** @returns the first URL outside these origins */
  async open(address: string): Promise<string> {
    let next = address;
    for (let redirects = 0; redirects < 20; redirects++) {
      if (!this.origins.includes(new URL(next).origin)) return next;
      const response = await this.get(next);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${response.status} at ${next}: ${await response.text()}`);
      next = new URL(location, next).href;
    }
    throw new Error(`Too many redirects, the last one to ${next}.`);
  }

  private async get(address: string): Promise<Response> {
    const jar = this.jarOf(address);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  private jarOf(address: string): Map<string, string> {
    const { host } = new URL(address);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}
