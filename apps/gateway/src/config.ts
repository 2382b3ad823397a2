import {
  commonEnvironment,
  describeVariable,
  fieldEncryptionEnvironment,
  inProduction,
  integer,
  list,
  port,
  publicUrl,
  publicUrlMeaning,
  seconds,
  secret,
  serviceConfig,
} from '#libs/config';
import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * Whose X-Forwarded-For header to trust: nobody's, that of a number of proxies in front, or that of
 * proxies in these networks.
 */
export type TrustProxy = false | number | string[];

const trustProxy = describeVariable(
  z.string().transform((text, context): TrustProxy => {
    if (text === 'false') return false;
    if (/^[1-9]\d?$/.test(text)) return Number(text);
    const networks = text.split(',').map((network) => network.trim());
    if (networks.every(isNetwork)) return networks;
    context.addIssue({ code: 'invalid_format', format: 'trust_proxy' });
    return z.NEVER;
  }),
  {
    expected:
      'false, the number of proxies in front of the gateway, or their IP addresses and networks separated by commas (10.0.0.0/8)',
  },
);

const origins = describeVariable(
  list.pipe(z.array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text))),
  { expected: 'origins separated by commas, such as https://app.acme.test' },
);

const environment = z.object({
  ...commonEnvironment,
  ...fieldEncryptionEnvironment,
  HOST: z.string().default('127.0.0.1').describe('The IP address that serves the API.'),
  PORT: port.default(3000).describe('The port of the API.'),
  PUBLIC_URL: publicUrl.describe(publicUrlMeaning),
  TRUST_PROXY: inProduction(trustProxy.optional(), (text) =>
    text === undefined
      ? 'Set which proxies to trust for X-Forwarded-For: false, the number of proxies, or their networks.'
      : undefined,
  ).describe('The proxies whose `X-Forwarded-For` is used: their networks, their number, or `false`.'),
  CORS_ORIGINS: origins
    .optional()
    .describe('Other origins whose pages can call the API with cookies. The origin of `PUBLIC_URL` always can.'),
  RATE_LIMIT_FACTOR: describeVariable(z.string().transform(Number).pipe(z.number().positive().max(1_000_000)), {
    expected: 'a positive number',
  })
    .optional()
    .describe('Multiplies every rate limit. By default 1 in production, and 10 elsewhere.'),
  SECURITY_CONTACT: describeVariable(z.string().regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/), {
    expected: 'a mailto: or https: URL',
  })
    .optional()
    .describe('Where to report vulnerabilities, for `security.txt`.'),
  CSRF_SECRET: secret().describe('Signs the tokens that protect cookies. The same in all gateways.'),
  REQUEST_TIMEOUT: seconds({ max: 300 }).default(30).describe('Seconds to receive a request, and to respond to it.'),
  BODY_LIMIT: integer({ min: 1_024, max: 10_485_760 })
    .default(102_400)
    .describe('The most bytes in the body of a request. Uploads have their own limit.'),
});

/** The configuration of the gateway. Only this class reads its environment. */
export class GatewayConfig extends serviceConfig(environment) {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. Also the issuer of access tokens. */
  readonly publicUrl: string;
  readonly trustProxy: TrustProxy;
  readonly corsOrigins: readonly string[];
  /** The origins whose pages can use a user's cookies. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly rateLimitFactor: number;
  readonly securityContact: string | undefined;
  readonly csrfSecret: string;
  readonly fieldEncryptionKey: string;
  readonly requestTimeoutMs: number;
  readonly bodyLimit: number;

  constructor(parsed: z.output<typeof environment>) {
    super(parsed);
    this.host = parsed.HOST;
    this.port = parsed.PORT;
    this.publicUrl = parsed.PUBLIC_URL;
    this.trustProxy = parsed.TRUST_PROXY ?? false;
    this.corsOrigins = parsed.CORS_ORIGINS ?? [];
    this.allowedOrigins = new Set([new URL(parsed.PUBLIC_URL).origin, ...this.corsOrigins]);
    this.rateLimitFactor = parsed.RATE_LIMIT_FACTOR ?? (this.production ? 1 : 10);
    this.securityContact = parsed.SECURITY_CONTACT;
    this.csrfSecret = parsed.CSRF_SECRET;
    this.fieldEncryptionKey = parsed.FIELD_ENCRYPTION_KEY;
    this.requestTimeoutMs = parsed.REQUEST_TIMEOUT * 1_000;
    this.bodyLimit = parsed.BODY_LIMIT;
  }
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  // A zone id has a meaning on one host only, and BlockList does not accept it.
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
