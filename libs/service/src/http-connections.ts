import { Server, type IncomingMessage, type ServerResponse } from 'node:http';

const sweepIntervalMs = 100;

/**
 * The connections of a server that will have to leave. Without this, a client that keeps its connection open after its
 * last answer holds up the server's `close()` until the keep-alive time-out, and one that sends its next request just
 * then loses it.
 */
export class HttpConnections {
  private readonly running = new Set<ServerResponse>();
  private isDraining = false;

  constructor(private readonly server: unknown) {
    if (server instanceof Server) server.prependListener('request', this.follow);
  }

  private readonly follow = (_request: IncomingMessage, response: ServerResponse): void => {
    if (this.isDraining) response.setHeader('connection', 'close');
    this.running.add(response);
    response.once('close', () => this.running.delete(response));
  };

  /** From here on each answer asks the client to leave; new connections are still taken. */
  drain(): void {
    this.isDraining = true;
    for (const response of this.running) if (!response.headersSent) response.setHeader('connection', 'close');
  }

  /** For answers that had begun before: their connections are closed once they are idle. @returns what ends the sweeping */
  closeWhenIdle(): () => void {
    const { server } = this;
    const timer = setInterval(() => server instanceof Server && server.closeIdleConnections(), sweepIntervalMs);
    return () => clearInterval(timer);
  }
}
