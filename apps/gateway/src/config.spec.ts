import { ConfigurationError } from '#libs/config';
import { GatewayConfig } from './config';

const development = {
  NODE_ENV: 'development',
  DATABASE_URL: 'postgres://127.0.0.1/groundwork_gateway',
  REDIS_URL: 'redis://127.0.0.1:6379',
  PUBLIC_URL: 'http://localhost:3000/',
  CSRF_SECRET: 'h4Lr0Vw2yKcT9qXbN7mZ1sJd5fGa8uEe',
  FIELD_ENCRYPTION_KEY: 'vC3kTqk0bJ5o6sW1t2mYzL8nQ4xR7uE9aB0dFgHiJkM=',
};
const production = {
  ...development,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://app.acme.test',
  TRUST_PROXY: '1',
};

function complaints(variables: Record<string, string | undefined>): readonly string[] {
  try {
    GatewayConfig.of(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}

it('accepts what production needs and reports what is missing', () => {
  expect(complaints(production)).toEqual([]);
  expect(complaints({ ...production, TRUST_PROXY: undefined, CSRF_SECRET: undefined })).toEqual([
    expect.stringMatching(/^CSRF_SECRET is missing\..*openssl rand -base64 32$/),
    expect.stringMatching(/^TRUST_PROXY is required in production\. Set which proxies to trust for X-Forwarded-For/),
  ]);
});

it('refuses a placeholder as CSRF secret and a public URL without TLS in production', () => {
  const lines = complaints({ ...production, CSRF_SECRET: 'changeme'.repeat(5), PUBLIC_URL: 'http://app.acme.test' });
  expect(lines).toEqual([expect.stringMatching(/^PUBLIC_URL/), expect.stringMatching(/^CSRF_SECRET/)]);
});

it.each<[string, unknown]>([
  ['false', false],
  ['2', 2],
  ['10.0.0.0/8, 2001:db8::/32,192.0.2.1', ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']],
])('parses TRUST_PROXY=%s', (text, expected) => {
  expect(GatewayConfig.of({ ...production, TRUST_PROXY: text }).trustProxy).toEqual(expected);
});

it.each(['true', '0', '-1', 'loopback', '10.0.0.0/33', '10.0.0.0/8/8', 'fe80::1%eth0/64', '*'])(
  'refuses TRUST_PROXY=%s',
  (text) => {
    expect(complaints({ ...production, TRUST_PROXY: text })).toEqual([
      expect.stringMatching(/^TRUST_PROXY is not valid/),
    ]);
  },
);

it('multiplies the rate limits by ten outside production by default', () => {
  expect(GatewayConfig.of(production).rateLimitFactor).toBe(1);
  expect(GatewayConfig.of(development).rateLimitFactor).toBe(10);
  expect(GatewayConfig.of({ ...production, RATE_LIMIT_FACTOR: '0.5' }).rateLimitFactor).toBe(0.5);
  for (const bad of ['0', '-1', 'none']) {
    expect(complaints({ ...production, RATE_LIMIT_FACTOR: bad })).toEqual([
      expect.stringMatching(/^RATE_LIMIT_FACTOR/),
    ]);
  }
});

it('lets pages of PUBLIC_URL and CORS_ORIGINS use cookies, and accepts only origins', () => {
  const config = GatewayConfig.of({ ...production, CORS_ORIGINS: 'https://console.acme.test, http://localhost:5173' });
  expect([...config.allowedOrigins]).toEqual([
    'https://app.acme.test',
    'https://console.acme.test',
    'http://localhost:5173',
  ]);
  expect(config.publicUrl).toBe('https://app.acme.test');
  for (const bad of ['*', 'console.acme.test', 'https://console.acme.test/', 'null']) {
    expect(complaints({ ...production, CORS_ORIGINS: bad })).toEqual([expect.stringMatching(/^CORS_ORIGINS/)]);
  }
});
