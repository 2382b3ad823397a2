import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import { fastify, type FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route returns a page for a browser instead of data for a program. */
    page?: boolean;
  }
}

type Headers = Readonly<Record<string, string>>;

const nothing = ["'none'"];
const ourselves = ["'self'"];
const closed = { baseUri: nothing, formAction: nothing, frameAncestors: nothing };

/** No inline scripts or styles. Responses for programs can't even load images. */
const apiPolicy = { ...closed, defaultSrc: nothing };
const pagePolicy = {
  ...closed,
  defaultSrc: nothing,
  scriptSrc: ourselves,
  styleSrc: ourselves,
  imgSrc: [...ourselves, 'data:'],
  connectSrc: ourselves,
};

const permissionsPolicy = 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()';

/** Sets the headers of every response, including errors. A route can replace them. */
export async function addSecurityHeaders(server: FastifyInstance, production: boolean): Promise<void> {
  const api = await headersFor(apiPolicy, production);
  const page = await headersFor(pagePolicy, production);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.routeOptions.config.page === true ? page : api);
    done();
  });
}

/** Helmet creates the same headers for each request (6 µs), so they are created once here. */
async function headersFor(directives: Record<string, string[]>, production: boolean): Promise<Headers> {
  const options: FastifyHelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: production ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // For browsers that no longer exist, or useless for an API. Each header costs a microsecond per response.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xXssProtection: false,
    originAgentCluster: false,
    xPermittedCrossDomainPolicies: false,
  };
  const probe = fastify();
  await probe.register(helmet, options);
  probe.get('/', () => '');
  const { headers } = await probe.inject('/');
  await probe.close();
  const made = Object.entries(headers).filter(([name]) =>
    /^(content-security|cross-origin|origin-|referrer|strict|x-)/.test(name),
  );
  return {
    ...Object.fromEntries(made.map(([name, value]) => [name, String(value)])),
    'permissions-policy': permissionsPolicy,
    'cache-control': 'no-store',
  };
}
