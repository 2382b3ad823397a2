import type { Mail } from '#libs/contracts';

/** Fields that our own code fills in. */
const own = new Set(['template', 'event', 'url', 'at', 'until', 'newEmail', 'ip']);

/**
 * Keeps email clients from linking what users typed, in plain text and in HTML.
 * Zero-width spaces around dots, colons and at signs stop their link detection.
 */
export function inert<M extends Mail>(mail: M): M {
  const typed = Object.entries(mail).flatMap(([field, value]) =>
    typeof value === 'string' && !own.has(field) ? [[field, breakLinks(value)] as const] : [],
  );
  return { ...mail, ...Object.fromEntries(typed) };
}

function breakLinks(text: string): string {
  return text.replaceAll(/(?<=\S)[.\u3002\uff0e\uff61@:](?=\S)|[/\\](?=[/\\])/gu, '\u200b$&\u200b');
}
