import { createOneTimeToken } from '#libs/encryption';
import { z } from 'zod';
import type { MeasuredAuth, Measurement } from './service';
import type { Subjects } from './subjects';

/** A list or a lookup, with other parameters each time. */
export interface Case {
  readonly title: string;
  /** Default: as many as requested. Fewer if each costs a password hash. */
  readonly samples?: number;
  /** False for writes, jobs and commands, which work on many rows at once. */
  readonly isLimited: boolean;
  readonly ask: (sample: number) => Promise<Measurement>;
}

export interface Setting {
  readonly auth: MeasuredAuth;
  readonly subjects: Subjects;
  /** The maximum number of pages to read before a request for a late page of a list. */
  readonly deepest: number;
}

export function aCase(title: string, ask: Case['ask'], samples?: number): Case {
  return { title, ask, isLimited: true, ...(samples === undefined ? {} : { samples }) };
}

/** Returns the element for this sample, in turn. */
export function turn<T>(list: readonly T[], sample: number): T {
  const found = list[sample % list.length];
  if (found === undefined) throw new Error('There is nobody to ask about.');
  return found;
}

const page = z.object({ nextCursor: z.string().nullable() });

/** The part of a request that continues a list. */
export interface Continued {
  readonly cursor?: string;
}

/** Reads up to `pages` pages, as long as there is another one. */
export async function deepIn(pages: number, read: (after: Continued) => Promise<Measurement>): Promise<Continued> {
  let after: Continued = {};
  for (let turned = 0; turned < pages; turned++) {
    const { nextCursor } = page.parse((await read(after)).response);
    if (nextCursor === null) break;
    after = { cursor: nextCursor };
  }
  return after;
}

const list = z.object({ data: z.array(z.unknown()) });

/** Returns how many rows a response contains. */
export function rowsOf(response: unknown): number {
  const listed = list.safeParse(response);
  if (listed.success) return listed.data.data.length;
  return typeof response === 'object' && response !== null ? 1 : 0;
}

/** Returns a token that was never issued. */
export function aToken(purpose: string): string {
  return createOneTimeToken(purpose).token;
}
