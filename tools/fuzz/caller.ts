import { callers, type Caller } from '../access-matrix/callers';
import { expected } from '../access-matrix/expectation';
import { policies, type DeclaredRoute } from '../access-matrix/routes';
import { requestTo, type Edge, type Given } from '../access-matrix/edge';
import type { People } from '../access-matrix/people';
import { samples } from '../access-matrix/samples';
import { Stages, type Stage } from '../access-matrix/stage';
import { utf8, type Draft } from './request';

/** Well before an access token expires, and before a sign-in is too old for sensitive actions. */
const renewAfterMs = 4 * 60_000;

/** A caller that the route admits, with a valid request to it. */
export class RouteCaller {
  private readonly caller: Caller;
  private readonly stages: Stages;
  private stage: Promise<Stage> | undefined;
  private madeAt = 0;

  constructor(
    private readonly route: DeclaredRoute,
    edge: Edge,
    private readonly people: People,
  ) {
    this.caller = admittedTo(route);
    this.stages = new Stages(edge, people, async () => undefined);
  }

  /** The error code that even the valid request gets, if there is one. */
  get expectedError(): string | undefined {
    return samples[this.route].expectedError;
  }

  /** Returns true if a successful request takes from its caller what the next one needs. */
  get isSpent(): boolean {
    return samples[this.route].fresh === true;
  }

  /** @param renew with a new caller, because the last one may have lost access */
  async draft(renew: boolean): Promise<Draft> {
    if (renew || this.stage === undefined || Date.now() - this.madeAt > renewAfterMs) {
      this.stage = this.stages.fresh(this.caller, policies[this.route]);
      this.madeAt = Date.now();
    }
    const { given = async () => ({}) } = samples[this.route];
    const stage = await this.stage;
    return draftOf(this.route, await given(stage, this.people), stage.headers);
  }
}

function admittedTo(route: DeclaredRoute): Caller {
  const caller = callers
    .filter(({ credential }) => credential === 'none' || credential === 'token')
    .find((each) => expected(policies[route], { route, caller: each }) === 'admitted');
  if (caller === undefined) throw new Error(`No caller is admitted to ${route}.`);
  return caller;
}

async function draftOf(route: string, given: Given, credentials: Draft['headers']): Promise<Draft> {
  const { method, body: content } = requestTo(route, given);
  const parts = {
    method,
    template: route.slice(method.length + 1),
    path: given.path ?? {},
    query: given.query === undefined ? [] : given.query.replace('?', '').split('&'),
  };
  if (content === undefined) return { ...parts, headers: credentials, json: undefined, body: undefined };
  const isForm = content instanceof FormData;
  const form = new Response(isForm ? content : undefined);
  const type = form.headers.get('content-type') ?? 'application/json';
  const body = isForm ? Buffer.from(await form.arrayBuffer()).toString('latin1') : utf8(JSON.stringify(content));
  return { ...parts, headers: { ...credentials, 'content-type': type }, json: isForm ? undefined : content, body };
}
