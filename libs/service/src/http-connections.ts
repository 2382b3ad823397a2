import { Server, type IncomingMessage, type ServerResponse } from 'node:http';

const sweepIntervalMs = 100;

/**
 * Closes the connections of a server that is shutting down. Without this, an idle keep-alive connection
 * delays `close()` until its timeout, and a request that arrives at that moment is lost.
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

  /** Tells clients to close their connections after the current response. New connections are still accepted. */
  drain(): void {
    this.isDraining = true;
    for (const response of this.running) if (!response.headersSent) response.setHeader('connection', 'close');
  }

  /**
   * Closes connections that were opened before the drain as soon as they are idle.
   * @returns a function that stops the sweep
   */
  closeWhenIdle(): () => void {
    const { server } = this;
    const timer = setInterval(() => server instanceof Server && server.closeIdleConnections(), sweepIntervalMs);
    return () => clearInterval(timer);
  }
}
