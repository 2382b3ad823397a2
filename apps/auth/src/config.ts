import {
  commonEnvironment,
  fieldEncryptionEnvironment,
  list,
  parseEnvironment,
  publicUrl,
  readEnvironment,
  ServiceConfig,
  type Environment,
} from '#libs/config';
import { z } from 'zod';

const environment = z.object({
  ...commonEnvironment,
  ...fieldEncryptionEnvironment,
  PUBLIC_URL: publicUrl,
  /** As people see it in authenticator apps. */
  APP_NAME: z.string().max(64).default('Groundwork'),
  /** Where pictures of people may be; subdomains count. */
  AVATAR_DOMAINS: list.default(['gravatar.com', 'githubusercontent.com', 'googleusercontent.com']),
});

/** What auth was told at its start: the only place that knows its environment. */
export class AuthConfig extends ServiceConfig {
  /** Without a trailing slash. Mail links begin with it, and it is the issuer of access tokens. */
  readonly publicUrl: string;
  readonly appName: string;
  readonly fieldEncryptionKey: string;
  readonly avatarDomains: readonly string[];

  private constructor(parsed: z.output<typeof environment>) {
    super(parsed);
    this.publicUrl = parsed.PUBLIC_URL;
    this.appName = parsed.APP_NAME;
    this.fieldEncryptionKey = parsed.FIELD_ENCRYPTION_KEY;
    this.avatarDomains = parsed.AVATAR_DOMAINS;
  }

  /** Ends the process with one line per bad variable. */
  static read(): AuthConfig {
    return new AuthConfig(readEnvironment(environment));
  }

  /** @throws ConfigurationError */
  static of(variables: Environment): AuthConfig {
    return new AuthConfig(parseEnvironment(environment, variables));
  }
}
