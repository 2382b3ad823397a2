/** The part that we use. The package has no types. */
declare module 'autocannon' {
  function autocannon(options: autocannon.Options): autocannon.Run;

  namespace autocannon {
    interface Request {
      readonly setupRequest?: (request: Record<string, unknown>) => Record<string, unknown>;
      readonly onResponse?: (status: number, body: string) => void;
    }

    interface Client {
      setRequests(requests: readonly Request[]): void;
      setBody(body: string): void;
    }

    interface Options {
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly connections: number;
      /** In seconds. */
      readonly duration: number;
      /** Milliseconds between checks of the clock. */
      readonly sampleInt: number;
      readonly setupClient?: (client: Client) => void;
    }

    interface Result {
      readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
      /** Broken connections and timeouts. */
      readonly errors: number;
    }

    interface Run extends PromiseLike<Result> {
      on(
        event: 'response',
        listener: (client: Client, status: number, bytes: number, milliseconds: number) => void,
      ): this;
    }
  }

  export = autocannon;
}
