import { once } from 'node:events';
import type { Server } from 'node:http';
import { SandboxControl } from './control/client';
import { controlSite } from './control/site';
import { sandboxServer, type Site } from './http/server';
import { pageSite } from './pages/site';
import { newSandbox, type Sandbox } from './sandbox';
import { addTestClock } from './resources/test-clocks';

export interface SandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly secretKey?: string;
  /** A test clock that is there from the start, at the present time. */
  readonly clock?: string;
}

export interface RunningSandbox {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly secretKey: string;
  readonly control: SandboxControl;
  close(): Promise<void>;
}

export const defaultSecretKey = 'sk_test_groundwork_sandbox';
const tickMs = 1_000;

/** Starts a Stripe sandbox in this process. It listens on loopback only, and keeps everything in memory. */
export async function startStripeSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const { port: wanted, secretKey = defaultSecretKey, clock } = options;
  if (!secretKey.startsWith('sk_test_')) {
    throw new Error("The Stripe sandbox takes keys that begin with 'sk_test_' only. Never give it a live key.");
  }
  const sandbox = newSandbox(secretKey);
  const { world, deliveries } = sandbox;
  if (clock !== undefined) addTestClock(world, world.realClock.now(), null, clock);
  const server = sandboxServer({ ...sandbox, site: siteOf(sandbox) });
  const port = await listen(server, wanted);
  world.origin = `http://127.0.0.1:${port}`;
  const timer = setInterval(() => world.runDue(), tickMs).unref();
  const close = async () => {
    clearInterval(timer);
    deliveries.stop();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: world.origin, port, secretKey, control: new SandboxControl(world.origin), close };
}

function siteOf(sandbox: Sandbox): Site {
  const [pages, controls] = [pageSite(sandbox.world), controlSite(sandbox)];
  return async (method, url, body) => (await pages(method, url, body)) ?? controls(method, url, body);
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Stripe sandbox has no port.');
  return address.port;
}
