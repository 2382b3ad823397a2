import type { ServiceModules } from '#libs/service';
import { MailerModule } from '@nestjs-modules/mailer';
import type { NotificationConfig } from './config';
import { entities } from './database';
import { MailHandler } from './mail/mail.handler';
import { MailService } from './mail/mail.service';
import { mailerOptions } from './mail/mailer-options';

export function notification(config: NotificationConfig): ServiceModules {
  return {
    entities,
    imports: [MailerModule.forRoot(mailerOptions(config))],
    controllers: [MailHandler],
    providers: [MailService],
  };
}
