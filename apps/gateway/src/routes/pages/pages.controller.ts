import { errorCatalogue, isErrorCode, ProblemError } from '#libs/contracts';
import { negotiateLocale } from '#libs/validation';
import { Controller, Header, Headers, Param } from '@nestjs/common';
import { invitationTexts } from './invitation-texts';
import { Page } from './page';
import { Template } from './template';
import { pageTexts, sharedTexts, tokenPages, type TokenPageName } from './texts';

/** The pages that mails and problem details link to. None of them changes anything by being opened. */
@Controller()
export class PagesController {
  private readonly tokenTemplate = new Template('token-page.html');
  private readonly invitationPage = new Template('invitation.html');
  private readonly problemPage = new Template('problem.html');
  private readonly docsPage = new Template('docs.html');

  @Page('verify-email')
  @Header('vary', 'Accept-Language')
  verifyEmail(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('verify-email', languages);
  }

  @Page('magic-link')
  @Header('vary', 'Accept-Language')
  magicLink(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('magic-link', languages);
  }

  @Page('confirm-email-change')
  @Header('vary', 'Accept-Language')
  confirmEmailChange(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('confirm-email-change', languages);
  }

  @Page('undo-email-change')
  @Header('vary', 'Accept-Language')
  undoEmailChange(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('undo-email-change', languages);
  }

  @Page('reset-password')
  @Header('vary', 'Accept-Language')
  resetPassword(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('reset-password', languages);
  }

  @Page('forgot-password')
  @Header('vary', 'Accept-Language')
  forgotPassword(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('forgot-password', languages);
  }

  @Page('mfa')
  @Header('vary', 'Accept-Language')
  mfa(@Headers('accept-language') languages?: string): string {
    return this.tokenPage('mfa', languages);
  }

  @Page('invitation')
  @Header('vary', 'Accept-Language')
  invitation(@Headers('accept-language') languages?: string): string {
    const language = negotiateLocale(languages);
    return this.invitationPage.fill({ language, ...sharedTexts[language], ...invitationTexts[language] });
  }

  @Page('problems/:code')
  problem(@Param('code') code: string): string {
    if (!isErrorCode(code)) throw new ProblemError('not_found');
    const { title, detail, status } = errorCatalogue[code];
    return this.problemPage.fill({ code, title, detail, status: String(status) });
  }

  @Page('docs')
  docs(): string {
    return this.docsPage.fill({});
  }

  private tokenPage(name: TokenPageName, languages: string | undefined): string {
    const language = negotiateLocale(languages);
    return this.tokenTemplate.fill({
      language,
      ...sharedTexts[language],
      ...pageTexts[language][name],
      ...tokenPages[name],
    });
  }
}
