const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Only on a terminal, and not where NO_COLOR (https://no-color.org) is set. */
export const isColored = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';

export function color(name: keyof typeof codes, text: string): string {
  const [on, off] = codes[name];
  return isColored ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
