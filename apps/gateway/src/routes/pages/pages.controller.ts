import { errorCatalogue, isErrorCode, ProblemError } from '#libs/contracts';
import { negotiateLocale } from '#libs/validation';
import { Controller, Header, Headers, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invitationTexts } from './invitation-texts';
import { Page } from './page';
import { Template } from './template';
import { isTokenPage, pageTexts, sharedTexts, tokenPages } from './texts';

/** The pages that emails and problem details link to. Opening one never changes anything. */
@Controller()
export class PagesController {
  private readonly tokenTemplate = new Template('token-page.html');
  private readonly invitationPage = new Template('invitation.html');
  private readonly problemPage = new Template('problem.html');
  private readonly docsPage = new Template('docs.html');

  @Page(Object.keys(tokenPages))
  @Header('vary', 'Accept-Language')
  tokenPage(@Req() { routeOptions }: FastifyRequest, @Headers('accept-language') languages?: string): string {
    const name = routeOptions.url?.slice(1) ?? '';
    if (!isTokenPage(name)) throw new ProblemError('not_found');
    const language = negotiateLocale(languages);
    return this.tokenTemplate.fill({
      language,
      ...sharedTexts[language],
      ...pageTexts[language][name],
      ...tokenPages[name],
    });
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
}
