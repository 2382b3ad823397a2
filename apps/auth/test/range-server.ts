import { cleanupOnce } from '#libs/testing';
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A range service like Have I Been Pwned's, on loopback. It stops after the file's tests. */
export interface RangeServer {
  /** A value for BREACHED_PASSWORDS_URL. */
  readonly url: string;
  /** The requests, oldest first. */
  readonly requests: IncomingMessage[];
  /** Breached passwords and their counts. A count of 0 makes a padding entry. */
  readonly leaked: Map<string, number>;
  /** Replaces the regular response. */
  answer: Answer | undefined;
}

export async function startRangeServer(): Promise<RangeServer> {
  const requests: IncomingMessage[] = [];
  const leaked = new Map<string, number>();
  const server = createServer((request, response) => {
    requests.push(request);
    if (range.answer !== undefined) return range.answer(request, response);
    response.end(rangeOf(leaked, request.url?.slice('/range/'.length) ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanupOnce(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const range: RangeServer = { url: `http://127.0.0.1:${port}/range`, requests, leaked, answer: undefined };
  return range;
}

export function sha1(password: string): string {
  return hash('sha1', password, 'hex').toUpperCase();
}

/** 900 lines, as with `Add-Padding: true`. */
function rangeOf(leaked: ReadonlyMap<string, number>, prefix: string): string {
  const entries = [...leaked].map(([password, count]) => ({ digest: sha1(password), count }));
  const found = entries.filter(({ digest }) => digest.startsWith(prefix));
  const padding = Array.from({ length: 900 }, (_, index) => `${sha1(`padding ${index}`).slice(5)}:0`);
  return [...found.map(({ digest, count }) => `${digest.slice(5)}:${count}`), ...padding].join('\r\n');
}
