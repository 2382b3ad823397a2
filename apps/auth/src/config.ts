import {
  asSecret,
  commonEnvironment,
  describeVariable,
  displayText,
  fieldEncryptionEnvironment,
  list,
  publicUrl,
  publicUrlMeaning,
  serviceConfig,
  url,
} from '#libs/config';
import { bucketOf, objectStoreEnvironment, requireCompleteBucket, type Bucket } from '#libs/objects';
import { z } from 'zod';
import { googleSettings, oidcProviders, type OidcProviderSettings } from './provider-settings';

const pwnedPasswords = 'https://api.pwnedpasswords.com/range/';

/** fetch refuses a URL with credentials, and the hash prefix is appended to this URL. */
const rangeService = describeVariable(
  z.union([
    z.literal('off'),
    url('http', 'https')
      .regex(/^[^?#@]+$/)
      .transform((text) => text.replace(/\/*$/, '/')),
  ]),
  { expected: `off, or the URL of a range service, such as ${pwnedPasswords}` },
);

/** As URLs spell their hosts: in lower case and A-labels. */
const domain = z
  .string()
  .regex(/^[^\s/?#@:\\]+$/)
  .transform((text) => URL.parse(`https://${text}`)?.hostname)
  .pipe(z.string());

const domains = describeVariable(list.pipe(z.array(domain)), {
  expected: 'domains separated by commas, such as pictures.acme.test',
});

const googleClient = (what: string, other: string) =>
  describeVariable(z.string().max(2_048), { expected: `the ${what} from Google, because ${other} is set` }).optional();

const environment = z
  .object({
    ...commonEnvironment,
    ...fieldEncryptionEnvironment,
    ...objectStoreEnvironment,
    PUBLIC_URL: publicUrl.describe(publicUrlMeaning),
    APP_NAME: displayText(64).default('Groundwork').describe('Authenticator apps and passkey managers show it.'),
    AVATAR_DOMAINS: domains
      .default(['gravatar.com', 'githubusercontent.com', 'googleusercontent.com'])
      .describe('Domains that images can be on, including their subdomains.'),
    BREACHED_PASSWORDS_URL: rangeService
      .optional()
      .describe(
        `The service that knows breached passwords, or \`off\`. In production, \`${pwnedPasswords}\` by default.`,
      ),
    OIDC_PROVIDERS: asSecret(oidcProviders)
      .default([])
      .describe('OpenID Connect providers that users can sign in with, as JSON. See [providers](providers.md).'),
    GOOGLE_CLIENT_ID: googleClient('client id', 'GOOGLE_CLIENT_SECRET').describe(
      'Lets users sign in with Google. Set both.',
    ),
    GOOGLE_CLIENT_SECRET: asSecret(googleClient('client secret', 'GOOGLE_CLIENT_ID')).describe(
      'Belongs to `GOOGLE_CLIENT_ID`.',
    ),
  })
  .superRefine(({ GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret, OIDC_PROVIDERS: listed }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (id === undefined && secret !== undefined) complain('GOOGLE_CLIENT_ID', '');
    if (id !== undefined && secret === undefined) complain('GOOGLE_CLIENT_SECRET', '');
    if (id !== undefined && listed.some((provider) => provider.id === 'google')) {
      complain('OIDC_PROVIDERS', 'One provider has the id google, which is reserved when GOOGLE_CLIENT_ID is set.');
    }
  })
  .superRefine(requireCompleteBucket);

type Parsed = z.output<typeof environment>;

/** The configuration of auth. No other file reads its environment. */
export class AuthConfig extends serviceConfig(environment) {
  /** Without a trailing slash. Emailed links start with it, and it is the issuer of access tokens. */
  readonly publicUrl: string;
  readonly appName: string;
  readonly fieldEncryptionKey: string;
  readonly avatarDomains: readonly string[];
  /** With a trailing slash. Null if breached passwords are not checked. */
  readonly breachedPasswordsUrl: string | null;
  readonly oidcProviders: readonly OidcProviderSettings[];
  readonly objectDirectory: string;
  /** Undefined if objects are files in `objectDirectory`. */
  readonly bucket: Bucket | undefined;

  constructor(parsed: Parsed) {
    super(parsed);
    this.publicUrl = parsed.PUBLIC_URL;
    this.appName = parsed.APP_NAME;
    this.fieldEncryptionKey = parsed.FIELD_ENCRYPTION_KEY;
    this.avatarDomains = parsed.AVATAR_DOMAINS;
    const rangeUrl = parsed.BREACHED_PASSWORDS_URL ?? (this.production ? pwnedPasswords : 'off');
    this.breachedPasswordsUrl = rangeUrl === 'off' ? null : rangeUrl;
    const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = parsed;
    const google = clientId === undefined || clientSecret === undefined ? [] : [googleSettings(clientId, clientSecret)];
    this.oidcProviders = [...google, ...parsed.OIDC_PROVIDERS];
    this.objectDirectory = parsed.OBJECT_DIRECTORY;
    this.bucket = bucketOf(parsed);
  }
}
