import { required } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config';
import { OidcProvider } from './oidc-provider';

/** The configured issuers. */
@Injectable()
export class OidcProviders {
  private readonly providers: ReadonlyMap<string, OidcProvider>;

  constructor({ oidcProviders, publicUrl }: AuthConfig) {
    this.providers = new Map(oidcProviders.map((settings) => [settings.id, new OidcProvider(settings, publicUrl)]));
  }

  list(): { id: string; name: string }[] {
    return [...this.providers.values()].map(({ id, name }) => ({ id, name }));
  }

  /** @throws ProblemError `not_found` */
  require(id: string): OidcProvider {
    return required(this.providers.get(id), 'not_found');
  }

  /** The name that users see, or the id if the provider is no longer configured. */
  nameOf(id: string): string {
    return this.providers.get(id)?.name ?? id;
  }
}
