import { errorCatalogue, isErrorCode, ProblemError } from '#libs/contracts';
import { negotiateLocale } from '#libs/validation';
import { Controller, Header, Headers, Param } from '@nestjs/common';
import { Page } from './page';
import { Template } from './template';
import { verifyEmailTexts } from './texts';

/** The pages that mails and problem details link to. None of them changes anything by being opened. */
@Controller()
export class PagesController {
  private readonly verifyEmailPage = new Template('verify-email.html');
  private readonly problemPage = new Template('problem.html');
  private readonly docsPage = new Template('docs.html');

  @Page('verify-email')
  @Header('vary', 'Accept-Language')
  verifyEmail(@Headers('accept-language') languages?: string): string {
    const language = negotiateLocale(languages);
    return this.verifyEmailPage.fill({ language, ...verifyEmailTexts[language] });
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
}
