import bowser from 'bowser';

const browsers: ReadonlySet<string> = new Set(Object.values(bowser.BROWSER_MAP));
const systems: ReadonlySet<string> = new Set(Object.values(bowser.OS_MAP));
/**
 * The product token of a program (RFC 9110 section 10.1.5). Dots and long numbers could form a link or a phone
 * number.
 */
const product = /^(?=[\w-]{1,32}(?:[/ ]|$))[a-z]+(?:[_-][a-z]+)*\d{0,2}(?=[/ ]|$)/i;

/**
 * Returns a name such as `Firefox on Windows`, or null. Show it to users, but never base decisions on it. It
 * appears in emails that strangers can trigger, so it contains only known names or a plain product token.
 */
export function deviceOf(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null;
  const { browser, os } = bowser.parse(userAgent);
  const name = known(browser.name, browsers) ?? product.exec(userAgent)?.[0];
  if (name === undefined) return null;
  const system = known(os.name, systems);
  return system === undefined || system === name ? name : `${name} on ${system}`;
}

/** The parser returns arbitrary text as a name if it recognizes none. */
function known(name: string | undefined, names: ReadonlySet<string>): string | undefined {
  return name !== undefined && names.has(name) ? name : undefined;
}
