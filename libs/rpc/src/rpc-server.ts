import { rpcContractsOf, type RpcContract } from '#libs/contracts';
import { Server, type MessageHandler } from '@nestjs/microservices';
import { checkHandlers } from './boot-check';
import { Replica, type ReplicaOptions } from './replica';
import { RequestRunner, type Route } from './request-runner';

export interface RpcServerOptions extends Pick<ReplicaOptions, 'service' | 'redis'> {
  /** Default: all contracts that name the service. */
  readonly contracts?: readonly RpcContract[];
  /** How many requests this replica runs at once. It reads no more than that. Default 64. */
  readonly concurrency?: number;
  /** How long `close` waits for running requests. Default 10 s. */
  readonly drainTimeoutMs?: number;
}

/**
 * Nest transport for the contracts of one service: `NestFactory.createMicroservice(module, { strategy: new
 * RpcServer(…) })`.
 * The module must import RpcModule, whose filter passes typed errors on.
 */
export class RpcServer extends Server {
  override readonly transportId = Symbol('rpc');
  private readonly registered: string[] = [];
  private replica: Replica | undefined;
  private closed: Promise<void> | undefined;

  constructor(private readonly options: RpcServerOptions) {
    super();
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false): void {
    this.registered.push(typeof pattern === 'string' ? pattern : JSON.stringify(pattern));
    super.addHandler(pattern, callback, isEventHandler);
  }

  /**
   * Checks that every contract has exactly one handler, then reads requests as soon as Redis is up.
   * @param callback gets the error of the check
   */
  listen(callback: (error?: unknown) => void): void {
    const { service, redis, contracts = rpcContractsOf(service), concurrency = 64 } = this.options;
    try {
      checkHandlers(service, contracts, this.registered);
    } catch (error) {
      return callback(error);
    }
    this.replica = new Replica({ service, redis, concurrency }, new RequestRunner(this.routes(contracts)));
    this.replica.start();
    callback();
  }

  private routes(contracts: readonly RpcContract[]): Map<string, Route> {
    const routes = new Map<string, Route>();
    for (const contract of contracts) {
      const handler = this.messageHandlers.get(contract.name);
      if (handler) routes.set(contract.name, { contract, handler });
    }
    return routes;
  }

  /**
   * For the readiness check.
   * @throws Error while Redis does not respond
   */
  async ping(): Promise<void> {
    await this.replica?.ping();
  }

  /** Replies to every request that was read before it closes, so that a rolling update loses none. */
  close(): Promise<void> {
    this.closed ??= this.replica?.drain(this.options.drainTimeoutMs ?? 10_000) ?? Promise.resolve();
    return this.closed;
  }

  on(): never {
    throw new Error('RpcServer emits no events: Redis connections log their own state.');
  }

  unwrap(): never {
    throw new Error('RpcServer keeps its connections to itself: make another one with createRedis.');
  }
}
