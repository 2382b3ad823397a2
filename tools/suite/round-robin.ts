import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Target {
  readonly port: number;
  /** False while it starts or stops. Such a target is only used if there is no other. */
  readonly takesRequests: () => boolean;
}

export interface RoundRobin {
  close(): Promise<void>;
}

/**
 * One port in front of several. Each connection goes to the next target, or to the one after if that is
 * down. Plain TCP like a load balancer, because SO_REUSEPORT spreads connections on Linux only.
 */
export async function roundRobin(port: number, targets: readonly Target[], host = '127.0.0.1'): Promise<RoundRobin> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    track(sockets, client);
    const first = turn++ % targets.length;
    forward(client, inOrder([...targets.slice(first), ...targets.slice(0, first)]), sockets);
  });
  await listen(server, port, host);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function inOrder(targets: readonly Target[]): number[] {
  const taking = targets.filter(({ takesRequests }) => takesRequests());
  const others = targets.filter((target) => !taking.includes(target));
  return [...taking, ...others].map(({ port }) => port);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
}

/** Nothing is read from the client before a target accepts, so trying the next one loses nothing. */
function forward(client: Socket, [target, ...others]: readonly number[], sockets: Set<Socket>): void {
  if (target === undefined) {
    client.destroy();
    return;
  }
  const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
  let connected = false;
  upstream.once('connect', () => {
    connected = true;
    track(sockets, upstream);
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', (failed) => (failed ? client.destroy() : client.end()));
  });
  upstream.on('error', () => {
    if (!connected) forward(client, others, sockets);
  });
}
