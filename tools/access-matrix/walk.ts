import { randomUUID } from 'node:crypto';
import { callers, type Caller } from './callers';
import { expected } from './expectation';
import { outcomeOf } from './outcome';
import { policies, type DeclaredRoute } from './routes';
import type { Edge, Given, ReceivedResponse } from './edge';
import { samples } from './samples';
import type { Stages } from './stage';

/** The outcome of each caller, by the caller's name. */
export type Row = Readonly<Record<string, string>>;

/** Some calls cost a password hash, and all have deadlines that a slow machine must meet. */
const callsAtOnce = 3;

export function expectedRow(route: DeclaredRoute): Row {
  return Object.fromEntries(callers.map((caller) => [caller.name, expected(policies[route], { route, caller })]));
}

/** Calls a route as every caller. */
export class Walk {
  constructor(
    private readonly edge: Edge,
    private readonly stages: Stages,
  ) {}

  async row(route: DeclaredRoute): Promise<Row> {
    const { expectedError } = samples[route];
    if (Object.values(expectedRow(route)).some((refusal) => refusal === expectedError)) {
      throw new Error(`${route}: its sample expects ${expectedError ?? ''}, with which its policy refuses calls.`);
    }
    const outcomes = new Map<string, string>();
    const waiting = [...callers];
    const callOneByOne = async () => {
      for (let caller = waiting.shift(); caller !== undefined; caller = waiting.shift()) {
        outcomes.set(caller.name, outcomeOf(await this.call(route, caller), expectedError));
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, callOneByOne));
    return Object.fromEntries(outcomes);
  }

  /** @param change changes the input of the request */
  async call(route: DeclaredRoute, caller: Caller, change = (given: Given) => given): Promise<ReceivedResponse> {
    const policy = policies[route];
    const { given = async () => ({}), fresh } = samples[route];
    const admitted = expected(policy, { route, caller }) === 'admitted';
    const stage = await (fresh && admitted ? this.stages.fresh(caller, policy) : this.stages.of(caller, policy));
    return this.edge.ask(route, change(await given(stage, this.stages.people)), stage.headers);
  }
}

/** Replaces the ids of a request by unknown ones. */
export function withUnknownIds({ path = {}, ...rest }: Given): Given {
  return { ...rest, path: Object.fromEntries(Object.keys(path).map((name) => [name, randomUUID()])) };
}
