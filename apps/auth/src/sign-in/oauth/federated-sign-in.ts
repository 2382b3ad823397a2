import { ProblemError, type RequestContext, type SignedIn } from '#libs/contracts';
import { locale, mailedName } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { useIdentity } from '../identity/identities.table';
import { IdentityLinks } from '../identity/identity-links';
import { SecurityLog } from '../../audit/security-log/security-log';
import { OneTimeTokens } from '../one-time-token/one-time-tokens.table';
import { SignInService } from '../sign-in/sign-in.service';
import { accountById, deleteUnverified, insertVouchedFor, type Account } from '../../account/user/users.table';
import type { VerifiedIdentity } from '../oidc/claims';
import { signInTimeOf } from '../oidc/sign-in-time';

/** Signs in a user whom an issuer vouches for, with the linked account or a new one. */
@Injectable()
export class FederatedSignIn {
  constructor(
    private readonly dataSource: DataSource,
    private readonly identities: IdentityLinks,
    private readonly sessions: SignInService,
    private readonly securityLog: SecurityLog,
    private readonly tokens: OneTimeTokens,
  ) {}

  /**
   * Only issuer and subject identify the account. Issuers can be wrong about email addresses or reassign them
   * (OpenID Connect Core section 5.7).
   * @throws ProblemError `oauth_email_unusable`, `oauth_email_not_verified`; `oauth_link_required` if the email
   * address has a verified account
   */
  signIn(provider: string, identity: VerifiedIdentity, { client, locale }: RequestContext): Promise<SignedIn> {
    return this.dataSource.transaction(async (manager) => {
      const known = await accountOf(manager, identity);
      const proved = { method: provider, client, authenticatedAt: signInTimeOf(identity.authenticatedAt) };
      if (known !== undefined) return this.sessions.afterFirstFactor(manager, known, proved);
      const created = await this.register(manager, provider, identity, locale);
      // Another callback of the same user came first.
      const user = created ?? (await accountOf(manager, identity));
      if (user === undefined) throw new ProblemError('oauth_link_required');
      return this.sessions.afterFirstFactor(manager, user, { ...proved, isFirstSignIn: created !== undefined });
    });
  }

  /** @returns undefined if the email address has a verified account */
  private async register(
    manager: EntityManager,
    provider: string,
    identity: VerifiedIdentity,
    language: string,
  ): Promise<Account | undefined> {
    const { email: address } = identity;
    if (address === null) throw new ProblemError('oauth_email_unusable');
    if (!identity.emailVerified) throw new ProblemError('oauth_email_not_verified');
    // Whoever registered this email address may wait for its owner to sign in ("Pre-hijacked accounts", Sudhodanan
    // and Paverd 2022). Deleting the account removes everything they prepared.
    await this.tokens.deleteOfUnverified(manager, address);
    await deleteUnverified(manager, address);
    const name = nameFor(identity.names, address);
    const user = await insertVouchedFor(manager, { email: address, name, locale: locale.catch('en').parse(language) });
    if (user === undefined) return undefined;
    await this.securityLog.record(manager, user, 'registered', { method: provider });
    await this.identities.add(manager, user, provider, identity);
    return user;
  }
}

async function accountOf(manager: EntityManager, identity: VerifiedIdentity): Promise<Account | undefined> {
  const userId = await useIdentity(manager, identity);
  return userId === undefined ? undefined : accountById(manager, userId);
}

/** The user's name at the issuer, or words from the email address: `ada.lovelace@…` becomes "ada lovelace". */
function nameFor(claimed: readonly string[], address: string): string {
  const candidates = [...claimed, ...address.split('@').map((part) => part.replaceAll(/[^a-z0-9]+/g, ' '))];
  for (const candidate of candidates) {
    const { data: name } = mailedName.safeParse(candidate);
    if (name !== undefined) return name;
  }
  throw new Error('Every domain has a letter.');
}
