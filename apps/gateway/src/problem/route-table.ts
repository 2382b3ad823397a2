import type { FastifyInstance } from 'fastify';

interface Route {
  readonly methods: readonly string[];
  /** In Fastify's syntax. */
  readonly path: string;
  readonly matches: RegExp;
}

/** Every route of the server, for the Allow header of 405 and for comparison with the OpenAPI document. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** Call it before the first route is added. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url }) => {
      this.routes.push({ methods: [method].flat(), path: url, matches: patternOf(url) });
    });
  }

  list(): readonly { method: string; path: string }[] {
    return this.routes.flatMap(({ methods, path }) => methods.map((method) => ({ method, path })));
  }

  /** The methods of a URL in alphabetical order, without OPTIONS: preflights are handled for every URL. */
  methodsAt(url: string): string[] {
    const [path = ''] = url.split('?', 1);
    const methods = this.routes.filter(({ matches }) => matches.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort();
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .replaceAll(/[.+?^$(){}|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll(/:\w+/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
