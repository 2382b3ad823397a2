import { StripeError } from '../core/errors';
import type { World } from '../core/world';
import type { Answer } from '../http/answer';
import type { Site } from '../http/server';
import { checkoutPage } from './checkout';
import { html, page } from './html';
import { bankPage, invoicePage } from './invoice';
import { portalPage } from './portal';

type Page = (world: World, method: string, id: string, form: URLSearchParams) => Answer;

const pages: Readonly<Record<string, Page>> = {
  '3ds': bankPage,
  checkout: checkoutPage,
  invoice: invoicePage,
  portal: portalPage,
};

/** The hosted pages. */
export function pageSite(world: World): Site {
  return (method, url, body) => {
    const [, kind = '', id = ''] = /^\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    const show = pages[kind];
    if (show === undefined || (method !== 'GET' && method !== 'POST')) return Promise.resolve(undefined);
    return Promise.resolve(answer(() => show(world, method, id, new URLSearchParams(body))));
  };
}

function answer(show: () => Answer): Answer {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return page('Not found', html`<p>${error.message}</p>`, 404);
  }
}
