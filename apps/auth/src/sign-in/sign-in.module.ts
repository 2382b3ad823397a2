import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInAttempts } from './attempt/sign-in-attempts';
import { SignInPauseHandler } from './attempt/sign-in-pause.handler';
import { EmailChangeHandler } from './email-change/email-change.handler';
import { EmailChangeService } from './email-change/email-change.service';
import { EmailVerificationHandler } from './email-verification/email-verification.handler';
import { EmailVerificationService } from './email-verification/email-verification.service';
import { IdentityHandler } from './identity/identity.handler';
import { IdentityService } from './identity/identity.service';
import { LoginHandler } from './login/login.handler';
import { LoginService } from './login/login.service';
import { MagicLinkHandler } from './magic-link/magic-link.handler';
import { MagicLinkService } from './magic-link/magic-link.service';
import { MfaHandler } from './mfa/mfa.handler';
import { MfaService } from './mfa/mfa.service';
import { FederatedSignIn } from './oauth/federated-sign-in';
import { OauthHandler } from './oauth/oauth.handler';
import { OauthService } from './oauth/oauth.service';
import { OauthFlows } from './oidc/oauth-flows';
import { OidcProviders } from './oidc/oidc-providers';
import { OneTimeTokens } from './one-time-token/one-time-tokens';
import { PasskeySignInService } from './passkey/passkey-sign-in.service';
import { PasskeyHandler } from './passkey/passkey.handler';
import { PasskeyService } from './passkey/passkey.service';
import { BreachedPasswords } from './password-policy/breached-passwords';
import { PasswordPolicy } from './password-policy/password-policy';
import { PasswordHandler } from './password/password.handler';
import { PasswordService } from './password/password.service';
import { ProviderReauthentication } from './reauthentication/provider-reauthentication.service';
import { ReauthenticationHandler } from './reauthentication/reauthentication.handler';
import { ReauthenticationService } from './reauthentication/reauthentication.service';
import { SessionRenewal } from './reauthentication/session-renewal';
import { RegistrationHandler } from './registration/registration.handler';
import { RegistrationService } from './registration/registration.service';
import { SignInService } from './sign-in/sign-in.service';
import { CodeCheck } from './totp/code-check';
import { TotpCodes } from './totp/totp-codes';
import { TotpHandler } from './totp/totp.handler';
import { TotpService } from './totp/totp.service';
import { PasskeyAssertions } from './webauthn/passkey-assertions';
import { PasskeyChallenges } from './webauthn/passkey-challenges';
import { PasskeySecondFactor } from './webauthn/passkey-second-factor';
import { Webauthn } from './webauthn/webauthn';

@Module({
  imports: [AuditModule, SessionModule],
  controllers: [
    RegistrationHandler,
    EmailVerificationHandler,
    LoginHandler,
    MfaHandler,
    MagicLinkHandler,
    ReauthenticationHandler,
    PasswordHandler,
    EmailChangeHandler,
    TotpHandler,
    PasskeyHandler,
    OauthHandler,
    IdentityHandler,
    SignInPauseHandler,
  ],
  providers: [
    RegistrationService,
    EmailVerificationService,
    LoginService,
    MfaService,
    CodeCheck,
    TotpService,
    TotpCodes,
    PasskeyService,
    PasskeySignInService,
    PasskeySecondFactor,
    PasskeyAssertions,
    PasskeyChallenges,
    Webauthn,
    MagicLinkService,
    PasswordService,
    PasswordPolicy,
    BreachedPasswords,
    EmailChangeService,
    ReauthenticationService,
    ProviderReauthentication,
    SessionRenewal,
    OauthService,
    OauthFlows,
    OidcProviders,
    FederatedSignIn,
    IdentityService,
    SignInService,
    SignInAttempts,
    OneTimeTokens,
  ],
  exports: [RegistrationService, PasswordPolicy, OneTimeTokens],
})
export class SignInModule {}
