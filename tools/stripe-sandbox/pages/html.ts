import type { Answer } from '../http/answer';

/** Text that is already HTML. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Html[] | false;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(value: Value): string {
  if (value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(({ html: each }) => each).join('');
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** HTML whose values are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: parts.map((part, index) => part + textOf(values[index] ?? '')).join('') };
}

const style = `
:root{color-scheme:light dark;--back:#f5f6f8;--card:#fff;--text:#1a2230;--soft:#5b6472;--line:#d9dde3;--main:#4b4ddb;--bad:#b3261e;--note:#fff4d6;--noteText:#5c4200}
@media (prefers-color-scheme:dark){:root{--back:#12151b;--card:#1b2029;--text:#eceff4;--soft:#a5adba;--line:#343b47;--main:#7c7ff5;--bad:#ff8a80;--note:#3a3011;--noteText:#ffe3a1}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
.note{background:var(--note);color:var(--noteText);padding:.6rem 1rem;text-align:center;font-size:.9rem}
main{max-width:30rem;margin:2rem auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
@media (max-width:32rem){main{margin:0;border-width:0 0 1px;border-radius:0}}
h1{font-size:1.3rem;margin:0 0 1rem}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}p{margin:.5rem 0}
table{width:100%;border-collapse:collapse}td{padding:.45rem 0;border-bottom:1px solid var(--line)}td:last-child{text-align:right;font-variant-numeric:tabular-nums}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input,select{width:100%;padding:.65rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:8px}
button{width:100%;margin-top:1rem;padding:.75rem;font:inherit;font-weight:600;color:#fff;background:var(--main);border:0;border-radius:8px;cursor:pointer}
button.quiet{color:inherit;background:transparent;border:1px solid var(--line)}
@media (prefers-color-scheme:dark){button{color:#10131a}button.quiet{color:inherit}}
a{color:var(--main)}.soft{color:var(--soft);font-size:.9rem}.bad{color:var(--bad)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}`;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
};

export function page(title: string, body: Html, status = 200): Answer {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Stripe sandbox</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        <div class="note" role="note">
          Stripe sandbox on this computer. No real money moves. Don’t enter real card numbers.
        </div>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  return { status, headers, body: whole.html };
}

export function redirect(to: string): Answer {
  return { status: 303, headers: { location: to, 'cache-control': 'no-store' }, body: '' };
}

export function failure(message: string | null): Html | false {
  return message !== null && html`<p class="bad" role="alert">${message}</p>`;
}
