import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module';
import { AuditModule } from '../audit/audit.module';
import { AccessTokenHandler } from './access-token/access-token.handler';
import { AccessTokenService } from './access-token/access-token.service';
import { SigningKeyService } from './access-token/signing-key.service';
import { LogoutHandler } from './logout/logout.handler';
import { RefreshHandler } from './refresh/refresh.handler';
import { RefreshService } from './refresh/refresh.service';
import { SessionHandler } from './session/session.handler';
import { SessionService } from './session/session.service';

@Module({
  imports: [AccountModule, AuditModule],
  controllers: [RefreshHandler, LogoutHandler, SessionHandler, AccessTokenHandler],
  providers: [RefreshService, SessionService, AccessTokenService, SigningKeyService],
  exports: [SessionService, AccessTokenService],
})
export class SessionModule {}
