import { createOneTimeToken } from '#libs/encryption';
import { z } from 'zod';
import type { MeasuredAuth, Measurement } from './service';
import type { Subjects } from './subjects';

/** A list or a lookup, with other parameters each time. */
export interface Case {
  readonly title: string;
  /** Undefined: as many as are asked for. Fewer where each costs a password's hash. */
  readonly samples?: number;
  /** Acts, jobs and commands are not: they write, or work on many rows at a time. */
  readonly isLimited: boolean;
  readonly ask: (sample: number) => Promise<Measurement>;
}

export interface Setting {
  readonly auth: MeasuredAuth;
  readonly subjects: Subjects;
  /** How many pages of a list are turned, at most, to ask for one that is far from its begin. */
  readonly deepest: number;
}

export function aCase(title: string, ask: Case['ask'], samples?: number): Case {
  return { title, ask, isLimited: true, ...(samples === undefined ? {} : { samples }) };
}

/** The one whose turn it is. */
export function turn<T>(list: readonly T[], sample: number): T {
  const found = list[sample % list.length];
  if (found === undefined) throw new Error('There is nobody to ask about.');
  return found;
}

const page = z.object({ nextCursor: z.string().nullable() });

/** What continues a list, as a part of its request. */
export interface Continued {
  readonly cursor?: string;
}

/** Turns pages, up to so many, as long as there is another one. */
export async function deepIn(pages: number, read: (after: Continued) => Promise<Measurement>): Promise<Continued> {
  let after: Continued = {};
  for (let turned = 0; turned < pages; turned++) {
    const { nextCursor } = page.parse((await read(after)).answer);
    if (nextCursor === null) break;
    after = { cursor: nextCursor };
  }
  return after;
}

const list = z.object({ data: z.array(z.unknown()) });

/** Rows that an answer shows. */
export function rowsOf(answer: unknown): number {
  const listed = list.safeParse(answer);
  if (listed.success) return listed.data.data.length;
  return typeof answer === 'object' && answer !== null ? 1 : 0;
}

/** One that nobody was given. */
export function aToken(purpose: string): string {
  return createOneTimeToken(purpose).token;
}
