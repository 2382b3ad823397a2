/** A program that ran for at least this long is restarted at once. */
const stableMs = 30_000;
const longestPauseMs = 10_000;

/** The delay before a program is restarted. It grows from crash to crash. */
export class RestartPause {
  private crashes = 0;

  nextMs(ranMs: number): number {
    this.crashes = ranMs > stableMs ? 0 : this.crashes + 1;
    return Math.min(250 * 2 ** this.crashes, longestPauseMs);
  }
}

/** The message about a program that ended, with the last lines of its output. */
export function failureOf(name: string, what: string, logFile: string, lastLines: readonly string[]): string {
  const last = lastLines.map((line) => `    ${line}`).join('\n');
  return `${name} ${what}. Last lines of its log (${logFile}):\n${last}`;
}

export function restartNotice(name: string, how: string, logFile: string, lastLines: readonly string[]): string {
  return `${failureOf(name, `ended unexpectedly (${how})`, logFile, lastLines)}\nRestarting ${name}.`;
}
