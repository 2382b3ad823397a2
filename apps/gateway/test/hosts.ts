import { certificate, cleanupOnce, findChromium, privateKey } from '#libs/testing';
import * as http from 'node:http';
import * as https from 'node:https';
import { chromium, type BrowserContext } from 'playwright-core';
import { z } from 'zod';
import { chromiumCache } from '#libs/local';
import type { TestGateway } from './gateway';

export interface Hosts {
  /** A browser without cookies, in which every host name leads to these hosts. */
  visit(): Promise<BrowserContext>;
  stop(): Promise<void>;
}

/** A gateway behind TLS at `apiHost`, and an empty page at every other host name, in a real browser. */
export async function startHosts(gateway: TestGateway, apiHost: string): Promise<Hosts> {
  await gateway.application.listen(0, '127.0.0.1');
  const gatewayPort = gateway.port();
  const server = https.createServer({ cert: certificate, key: privateKey }, (incoming, response) => {
    if (incoming.headers.host === apiHost) forward(incoming, response, gatewayPort);
    else showPage(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const browser = await chromium.launch({
    ...findChromium(chromiumCache),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', `--host-resolver-rules=MAP *.test:443 127.0.0.1:${port}`],
  });
  return {
    visit: () => browser.newContext({ ignoreHTTPSErrors: true }),
    stop: cleanupOnce(async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    }),
  };
}

/** An empty page at `http://localhost:<port>`, like that of a development server. */
export async function startLocalPage(port: number): Promise<() => Promise<void>> {
  const server = http.createServer((_incoming, response) => showPage(response));
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return cleanupOnce(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
}

function showPage(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A page</title>');
}

function forward(incoming: http.IncomingMessage, response: http.ServerResponse, port: number): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const onward = http.request({ host: '127.0.0.1', port, method, path: url, headers, timeout: 10_000 }, (upstream) => {
    response.writeHead(upstream.statusCode ?? 502, upstream.headers);
    upstream.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}
