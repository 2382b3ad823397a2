import bowser from 'bowser';

const browsers: ReadonlySet<string> = new Set(Object.values(bowser.BROWSER_MAP));
const systems: ReadonlySet<string> = new Set(Object.values(bowser.OS_MAP));
/** A program's product token (RFC 9110 section 10.1.5). Dots and long numbers could make a link or a phone number of it. */
const product = /^(?=[\w-]{1,32}(?:[/ ]|$))[a-z]+(?:[_-][a-z]+)*\d{0,2}(?=[/ ]|$)/i;

/**
 * `Firefox on Windows`, by what the client says of itself; null when that tells nothing. For people to recognize, never to decide by.
 * It stands in mails to people whom strangers try to sign in as, so only known names and a plain product token pass.
 */
export function deviceOf(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null;
  const { browser, os } = bowser.parse(userAgent);
  const name = known(browser.name, browsers) ?? product.exec(userAgent)?.[0];
  if (name === undefined) return null;
  const system = known(os.name, systems);
  return system === undefined || system === name ? name : `${name} on ${system}`;
}

/** The parser makes a name of any text when it recognizes none. */
function known(name: string | undefined, names: ReadonlySet<string>): string | undefined {
  return name !== undefined && names.has(name) ? name : undefined;
}
