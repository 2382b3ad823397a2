import { isDeclared } from '../access-matrix/routes';
import type { Edge } from '../access-matrix/edge';
import type { People } from '../access-matrix/people';
import fc from 'fast-check';
import { RouteCaller } from './caller';
import { exchange, type HttpResponse } from './exchange';
import { codeOf, faultOf } from './judge';
import type { Operation } from './openapi';
import { fieldPlaces, sharedPlaces } from './places';
import { choose, seedOf } from './random';
import { requestOf, type Draft, type HttpRequest, type Place, type Value } from './request';

/** The number of values for each place. */
export interface Amounts {
  readonly known: number;
  readonly random: number;
  /** The maximum for each header that every route reads. */
  readonly shared: number;
}

export interface Finding {
  readonly route: string;
  readonly where: string;
  readonly value: Value;
  readonly fault: string;
  readonly request: HttpRequest;
  /** The beginning of the response. */
  readonly response: string;
}

export interface RouteReport {
  readonly route: string;
  readonly findings: Finding[];
  /** How often each status was the response. */
  readonly statuses: Map<number, number>;
}

interface Mutation {
  /** Undefined: the valid request. */
  readonly place: Place | undefined;
  readonly value: Value;
  readonly isUnreadable: boolean;
}

const shownCharacters = 600;
/** Some requests cost a password hash, and all have deadlines that a slow machine must meet. */
const atOnce = 4;
/** The caller lost what the route needs, so that its handler is no longer reached. */
const lost: ReadonlySet<string | undefined> = new Set([
  ...['unauthenticated', 'account_suspended', 'reauthentication_required', 'permission_denied'],
  ...['rate_limited', 'too_many_attempts'],
]);

/** Sends hostile requests to one route after another. Each is a valid request with one change. */
export class Fuzzer {
  constructor(
    /** Where callers sign in. */
    private readonly edge: Edge,
    private readonly people: People,
    /** The API to fuzz. */
    private readonly api: string,
    private readonly amounts: Amounts,
    private readonly seed: number,
  ) {}

  async run(operation: Operation): Promise<RouteReport> {
    const report: RouteReport = { route: operation.route, findings: [], statuses: new Map() };
    const first = this.client(operation, report);
    await first.send({ place: undefined, value: '', isUnreadable: false });
    const mutations = this.mutations(operation, await first.caller.draft(false));
    // Each client signs in first, which is not worth it for few requests.
    const length = Math.min(atOnce - 1, Math.floor(mutations.length / 20));
    const others = Array.from({ length }, () => this.client(operation, report));
    const sendAll = async (client: Client) => {
      for (let next = mutations.pop(); next !== undefined; next = mutations.pop()) await client.send(next);
    };
    await Promise.all([first, ...others].map(sendAll));
    return report;
  }

  private client(operation: Operation, report: RouteReport): Client {
    const { route } = operation;
    if (!isDeclared(route)) throw new Error(`${route} has no sample: add it to tools/access-matrix/samples.ts.`);
    return new Client(operation, new RouteCaller(route, this.edge, this.people), this.api, report);
  }

  private mutations(operation: Operation, draft: Draft): Mutation[] {
    const { known, random, shared } = this.amounts;
    const mutations = [
      ...fieldPlaces(operation, draft).flatMap((place) => this.at(operation, place, known, random)),
      ...sharedPlaces(draft).flatMap((place) => this.at(operation, place, shared, Math.min(random, shared))),
    ];
    return choose(mutations, mutations.length, seedOf(this.seed, operation.route));
  }

  private at({ route }: Operation, place: Place, known: number, random: number): Mutation[] {
    const seed = seedOf(this.seed, route, place.where);
    const { values, unreadable = [] } = place;
    const fixed = [
      ...values.map((value) => ({ place, value, isUnreadable: false })),
      ...unreadable.map((value) => ({ place, value, isUnreadable: true })),
    ];
    const made = place.random === undefined ? [] : fc.sample(place.random, { seed, numRuns: random });
    return [...choose(fixed, known, seed), ...made.map((value) => ({ place, value, isUnreadable: false }))];
  }
}

/** One of several clients that send at the same time. */
class Client {
  private needsRenewal = true;

  constructor(
    private readonly operation: Operation,
    readonly caller: RouteCaller,
    private readonly api: string,
    private readonly report: RouteReport,
  ) {}

  async send(mutation: Mutation, isRepeated = false): Promise<void> {
    const { place, value } = mutation;
    const draft = await this.caller.draft(this.needsRenewal);
    this.needsRenewal = false;
    const request = requestOf(place === undefined ? draft : place.put(draft, value));
    const response = await exchange(this.api, request).catch((error: unknown) => String(error));
    if (typeof response === 'string') return this.found(mutation, request, `No response: ${response}`, '');
    const hasLost = lost.has(codeOf(response));
    this.needsRenewal = hasLost || (response.status < 400 && this.caller.isSpent);
    // A busy machine is slow now and then. A response that is late twice is a finding.
    const isWorthAnother = response.status === 503 || (hasLost && place?.where.startsWith('header') !== true);
    if (isWorthAnother && !isRepeated) return this.send(mutation, true);
    this.report.statuses.set(response.status, (this.report.statuses.get(response.status) ?? 0) + 1);
    const fault = this.faultOf(mutation, response);
    if (fault !== undefined) this.found(mutation, request, fault, response.text);
  }

  private faultOf({ place, isUnreadable }: Mutation, response: HttpResponse): string | undefined {
    if (place === undefined) return this.faultOfValid(response);
    return isUnreadable && response.status < 400
      ? `${response.status}: the API took the value for something else.`
      : faultOf(response, this.operation.codes);
  }

  private faultOfValid(response: HttpResponse): string | undefined {
    const code = codeOf(response);
    const isExpected = code === undefined ? response.status < 400 : code === this.caller.expectedError;
    return isExpected ? undefined : `The valid request is refused: ${response.status} ${code ?? ''}`;
  }

  private found({ place, value }: Mutation, request: HttpRequest, fault: string, text: string): void {
    const { route } = this.operation;
    const where = place?.where ?? 'the valid request';
    this.report.findings.push({ route, where, value, fault, request, response: text.slice(0, shownCharacters) });
  }
}
