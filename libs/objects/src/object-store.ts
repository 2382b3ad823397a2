/** A URL works for 10 to 15 minutes. It is the same within a window of 5, so that browsers can cache the object. */
export const urlSeconds = 900;
const urlWindowSeconds = 300;

/** Returns the start of the window that a time is in. @param at in ms since 1970 */
export function urlWindow(at: number): Date {
  const windowMs = urlWindowSeconds * 1_000;
  return new Date(Math.floor(at / windowMs) * windowMs);
}

/** Objects that are stored and served alike. */
export interface ObjectKind {
  readonly folder: string;
  /** Without a dot. */
  readonly extension: string;
  readonly contentType: string;
}

/** Stores objects under random ids of our own, so that no input becomes part of a path. */
export abstract class ObjectStore {
  /** Resolves when the object would survive a crash. @throws ProblemError service_unavailable */
  abstract put(id: string, object: Buffer): Promise<void>;

  /** Succeeds if the object does not exist. @throws ProblemError service_unavailable */
  abstract delete(id: string): Promise<void>;

  /** Returns undefined if the object does not exist, or if the store serves its objects itself. */
  abstract read(id: string): Promise<Buffer | undefined>;

  /** Returns a URL that shows the object to anyone who has it, for 10 to 15 minutes. */
  abstract urlOf(id: string): Promise<string>;
}
