import { required } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config';
import { OidcProvider } from './oidc-provider';

/** The issuers of the configuration. */
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

  /** As people see it; of one that is configured no more, the id. */
  nameOf(id: string): string {
    return this.providers.get(id)?.name ?? id;
  }
}
