import { StripeError, beyondSandbox } from '../core/errors';
import { randomText } from '../core/ids';
import { apiVersion } from '../core/version';
import type { World } from '../core/world';
import { errorAnswer, json, type Answer } from './answer';
import { expanded } from './expand';
import { parseForm } from './form';
import { IdempotencyKeys } from './idempotency';
import type { Prepared, Route } from './route';

export interface Request {
  readonly method: string;
  readonly path: string;
  /** The query of a GET or DELETE, the body of a POST. */
  readonly form: string;
  readonly authorization: string | undefined;
  readonly version: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** What is wrong with the service itself: it is stored under the key, as Stripe stores its own errors. */
const internalError = new StripeError(500, { type: 'api_error', message: 'An unknown error occurred.' });

/** The API: it checks a request, does it once, and writes the answer. */
export class Api {
  private readonly keys: IdempotencyKeys;

  constructor(
    private readonly world: World,
    private readonly routes: readonly Route[],
    private readonly secretKey: string,
  ) {
    this.keys = new IdempotencyKeys(() => world.realClock.now());
  }

  /**
   * @param fails a 500 instead of the answer, after the effect. It is stored under the idempotency key.
   * @param gate resolves when the request may begin
   */
  async answer(request: Request, fails = false, gate: Promise<void> = Promise.resolve()): Promise<Answer> {
    const requestId = `req_${randomText(14)}`;
    const headers = { 'request-id': requestId, 'stripe-version': apiVersion };
    try {
      const route = this.admit(request);
      const answer = await this.once(request, requestId, route, fails, gate);
      const { idempotencyKey: key } = request;
      const own = key === undefined ? headers : { ...headers, 'idempotency-key': key };
      return { ...answer, headers: { ...answer.headers, ...own } };
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      return { ...errorAnswer(error, requestId), headers: { 'content-type': 'application/json', ...headers } };
    }
  }

  private admit({ authorization, version, method, path }: Request): Found {
    checkKey(authorization, this.secretKey);
    if (version !== undefined && version !== apiVersion) throw otherVersion(version);
    // Searching is not a lookup of the id 'search', and Stripe's index may be an hour late: nothing may rely on it.
    if (path.endsWith('/search')) throw beyondSandbox(`${method} ${path}`);
    for (const route of this.routes) {
      const match = route.verb === method ? route.pattern.exec(path) : null;
      if (match !== null) return { route, ids: match.slice(1).map(decodeURIComponent) };
    }
    throw beyondSandbox(`${method} ${path}`);
  }

  private async once(
    request: Request,
    requestId: string,
    found: Found,
    fails: boolean,
    gate: Promise<void>,
  ): Promise<Answer> {
    const { idempotencyKey: key, method, path, form } = request;
    if (method !== 'POST' || key === undefined) {
      await gate;
      return this.run(this.prepare(found, form), requestId, null, fails);
    }
    const replayed = this.keys.claim(key, `${method} ${path} ${form}`);
    if (replayed !== undefined) return replayed;
    try {
      await gate;
      const prepared = this.prepare(found, form);
      const answer = this.run(prepared, requestId, key, fails);
      this.keys.store(key, answer);
      return answer;
    } catch (error) {
      this.keys.release(key);
      throw error;
    }
  }

  private prepare({ route, ids }: Found, form: string): Prepared {
    return route.prepare(this.world, parseForm(form), ids);
  }

  private run({ run, expand }: Prepared, requestId: string, key: string | null, fails: boolean): Answer {
    try {
      const result = this.world.during({ id: requestId, idempotency_key: key }, run);
      const answer = json(200, expanded(this.world, result, expand));
      return fails ? errorAnswer(internalError, requestId) : answer;
    } catch (error) {
      if (error instanceof StripeError) return errorAnswer(error, requestId);
      throw error;
    }
  }
}

interface Found {
  readonly route: Route;
  readonly ids: readonly string[];
}

function checkKey(authorization: string | undefined, secretKey: string): void {
  const [, bearer] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  const [, basic] = /^Basic (\S+)$/.exec(authorization ?? '') ?? [];
  const key = bearer ?? (basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().replace(/:$/, ''));
  if (key === undefined) throw unauthorized('You did not provide an API key. Set the Authorization header.');
  if (/^(sk|rk)_live_/.test(key)) {
    throw unauthorized('This is the Stripe sandbox. It refuses live keys: never send one to a test server.');
  }
  if (key !== secretKey) throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****`);
}

function unauthorized(message: string): StripeError {
  return new StripeError(401, { type: 'invalid_request_error', message });
}

function otherVersion(version: string): StripeError {
  const message = `The Stripe sandbox speaks API version ${apiVersion} only, and the request has ${version}.`;
  return new StripeError(400, { type: 'invalid_request_error', message });
}
