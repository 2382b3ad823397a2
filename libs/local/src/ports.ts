import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below every system's ephemeral range (Linux 32768, macOS 49152). A client that reconnects to a stopped
 * server on an ephemeral port can get that port as its own and keep the server from coming back.
 */
const unusedRange = { from: 20_000, to: 32_000 };
/** Separate, because a suite chooses all its ports before it listens on the first one. */
const suiteRange = { from: 15_000, to: 20_000 };

/**
 * Checks all loopback and wildcard addresses. On macOS another process can listen on `0.0.0.0` while we
 * listen on `127.0.0.1`.
 */
export async function isFree(port: number): Promise<boolean> {
  return (await hindrance(port)) === undefined;
}

type Hindrance = 'EADDRINUSE' | 'EACCES';

async function hindrance(port: number): Promise<Hindrance | undefined> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
    const found = await hindranceAt(port, host);
    if (found !== undefined) return found;
  }
  return undefined;
}

function hindranceAt(port: number, host: string): Promise<Hindrance | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    // Other errors are not about the port, such as a machine without IPv6.
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRINUSE' || code === 'EACCES' ? code : undefined),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Returns a port that is free now. Another process can take it before the caller listens, so the caller
 * should retry.
 */
export function freePort(): Promise<number> {
  return freePortIn(unusedRange);
}

async function freePortIn({ from, to }: typeof unusedRange): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(from, to);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${from} and ${to}.`);
}

/** Returns each port only once, before anyone listens on it. */
export class PortChooser {
  private readonly given = new Set<number>();

  constructor(private readonly anywhere = false) {}

  /**
   * Returns the explicit port or throws if it is in use. Otherwise returns the preferred port, or a free one
   * if that is in use.
   */
  async choose(name: string, preferred: number, chosen?: number): Promise<number> {
    if (chosen !== undefined) {
      const found = this.given.has(chosen) ? 'EADDRINUSE' : await hindrance(chosen);
      if (found !== undefined) throw new PortTakenError(name, chosen, found);
    }
    const port = chosen ?? (!this.anywhere && (await this.isAvailable(preferred)) ? preferred : await this.another());
    this.given.add(port);
    return port;
  }

  private async another(): Promise<number> {
    const port = await freePortIn(suiteRange);
    return this.given.has(port) ? this.another() : port;
  }

  private async isAvailable(port: number): Promise<boolean> {
    return !this.given.has(port) && (await isFree(port));
  }
}

export class PortTakenError extends Error {
  constructor(name: string, port: number, found: Hindrance) {
    const why =
      found === 'EACCES'
        ? `this account may not listen on port ${port}; below 1024, mostly root alone may`
        : `another program listens on port ${port}`;
    super(`${name}=${port}, but ${why}. Choose another, or leave ${name} out to get a free one.`);
  }
}
