import type { RequestContext } from '#libs/contracts';

const deadlines = new WeakMap<RequestContext, number>();

/** @param at by this process's `performance.now()` */
export function setDeadline(context: RequestContext, at: number): void {
  deadlines.set(context, at);
}

/** Until when the request is waited for: what a handler asks of other services has to be there before. By `performance.now()`; Infinity outside of a request. */
export function deadlineOf(context: RequestContext): number {
  return deadlines.get(context) ?? Infinity;
}
