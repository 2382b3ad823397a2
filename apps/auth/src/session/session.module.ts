import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module';
import { AuditModule } from '../audit/audit.module';
import { AccessTokenHandler } from './access-token/access-token.handler';
import { AccessTokenService } from './access-token/access-token.service';
import { SigningKeyService } from './access-token/signing-key.service';
import { LogoutHandler } from './logout/logout.handler';
import { RefreshHandler } from './refresh/refresh.handler';
import { SessionHandler } from './session/session.handler';
import { SessionService } from './session/session.service';

@Module({
  imports: [AccountModule, AuditModule],
  controllers: [AccessTokenHandler, LogoutHandler, RefreshHandler, SessionHandler],
  providers: [AccessTokenService, SigningKeyService, SessionService],
  exports: [AccessTokenService, SessionService],
})
export class SessionModule {}
