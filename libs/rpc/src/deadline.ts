import type { RequestContext } from '#libs/contracts';

const deadlines = new WeakMap<RequestContext, number>();

/** @param at a time of this process's `performance.now()` */
export function setDeadline(context: RequestContext, at: number): void {
  deadlines.set(context, at);
}

/**
 * The time by which the request must be finished, including the calls that its handler makes to other
 * services. A time of `performance.now()`; Infinity outside of a request.
 */
export function deadlineOf(context: RequestContext): number {
  return deadlines.get(context) ?? Infinity;
}
