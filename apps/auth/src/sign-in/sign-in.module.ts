import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInAttempts } from './attempt/sign-in-attempts.table';
import { SignInPauseHandler } from './attempt/sign-in-pause.handler';
import { EmailChangeUndoHandler } from './email-change/email-change-undo.handler';
import { EmailChangeHandler } from './email-change/email-change.handler';
import { EmailVerificationHandler } from './email-verification/email-verification.handler';
import { VerificationLinks } from './email-verification/verification-links';
import { IdentityLinks } from './identity/identity-links';
import { IdentityHandler } from './identity/identity.handler';
import { LoginHandler } from './login/login.handler';
import { MagicLinkHandler } from './magic-link/magic-link.handler';
import { MfaHandler } from './mfa/mfa.handler';
import { FederatedSignIn } from './oauth/federated-sign-in';
import { OauthHandler } from './oauth/oauth.handler';
import { OauthFlows } from './oidc/oauth-flows.table';
import { OidcProviders } from './oidc/oidc-providers';
import { OneTimeTokens } from './one-time-token/one-time-tokens.table';
import { PasskeySignInHandler } from './passkey/passkey-sign-in.handler';
import { PasskeyHandler } from './passkey/passkey.handler';
import { BreachedPasswords } from './password-policy/breached-passwords';
import { PasswordPolicy } from './password-policy/password-policy';
import { PasswordChanges } from './password/password-changes';
import { PasswordProof } from './password/password-proof';
import { PasswordResetHandler } from './password/password-reset.handler';
import { PasswordResets } from './password/password-resets';
import { PasswordHandler } from './password/password.handler';
import { PasskeyReauthenticationHandler } from './reauthentication/passkey-reauthentication.handler';
import { ProviderReauthentication } from './reauthentication/provider-reauthentication';
import { ProviderReauthenticationHandler } from './reauthentication/provider-reauthentication.handler';
import { ReauthenticationHandler } from './reauthentication/reauthentication.handler';
import { SessionRenewal } from './reauthentication/session-renewal';
import { RegistrationHandler } from './registration/registration.handler';
import { SignInService } from './sign-in/sign-in.service';
import { CodeCheck } from './totp/code-check';
import { TotpCodes } from './totp/totp-credentials.table';
import { TotpHandler } from './totp/totp.handler';
import { PasskeyAssertions } from './webauthn/passkey-assertions';
import { PasskeySecondFactor } from './webauthn/passkey-second-factor';
import { Webauthn } from './webauthn/webauthn';
import { PasskeyChallenges } from './webauthn/webauthn-challenges.table';

@Module({
  imports: [AccountModule, AuditModule, SessionModule],
  controllers: [
    SignInPauseHandler,
    EmailChangeUndoHandler,
    EmailChangeHandler,
    EmailVerificationHandler,
    IdentityHandler,
    LoginHandler,
    MagicLinkHandler,
    MfaHandler,
    OauthHandler,
    PasskeySignInHandler,
    PasskeyHandler,
    PasswordResetHandler,
    PasswordHandler,
    PasskeyReauthenticationHandler,
    ProviderReauthenticationHandler,
    ReauthenticationHandler,
    RegistrationHandler,
    TotpHandler,
  ],
  providers: [
    SignInAttempts,
    VerificationLinks,
    IdentityLinks,
    FederatedSignIn,
    OauthFlows,
    OidcProviders,
    OneTimeTokens,
    BreachedPasswords,
    PasswordPolicy,
    PasswordChanges,
    PasswordProof,
    PasswordResets,
    ProviderReauthentication,
    SessionRenewal,
    SignInService,
    CodeCheck,
    TotpCodes,
    PasskeyAssertions,
    PasskeySecondFactor,
    PasskeyChallenges,
    Webauthn,
  ],
  exports: [OneTimeTokens, PasswordPolicy],
})
export class SignInModule {}
