import bowser from 'bowser';

/** `Firefox on Windows`, by what the client says of itself; null when that tells nothing. For people to recognise, never to decide by. */
export function deviceOf(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null;
  const { browser, os } = bowser.parse(userAgent);
  if (browser.name === undefined || browser.name === '') return /^[\w.-]+/.exec(userAgent)?.[0] ?? null;
  return os.name === undefined || os.name === '' ? browser.name : `${browser.name} on ${os.name}`;
}
