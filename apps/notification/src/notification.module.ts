import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { MailerModule } from '@nestjs-modules/mailer';
import { Module, type DynamicModule } from '@nestjs/common';
import { NotificationConfig } from './config';
import { entities } from './database';
import { HealthHandler } from './health/health.handler';
import { MailHandler } from './mail/mail.handler';
import { MailService } from './mail/mail.service';
import { mailerOptions } from './mail/mailer-options';

@Module({
  controllers: [HealthHandler, MailHandler],
  providers: [MailService],
})
class NotificationModule {}

export function notificationModule(config: NotificationConfig): DynamicModule {
  const fernet = new Fernet(parseFieldEncryptionKeys(config.fieldEncryptionKey));
  const redis = { ...config.redis, name: 'notification' };
  const { databaseUrl, databasePoolSize } = config;
  return {
    module: NotificationModule,
    imports: [
      databaseModule({ url: databaseUrl, service: 'notification', poolSize: databasePoolSize, entities }),
      RpcModule.forRoot({ redis }),
      JobsModule.forRoot({ service: 'notification', redis, databaseUrl, fernet }),
      MailerModule.forRoot(mailerOptions(config)),
    ],
    providers: [
      { provide: NotificationConfig, useValue: config },
      { provide: Fernet, useValue: fernet },
    ],
  };
}
