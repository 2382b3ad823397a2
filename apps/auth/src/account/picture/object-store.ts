/** How long an address works at least and at most. Within the same window it is the same, so that browsers keep the picture. */
export const addressSeconds = 900;
export const addressWindowSeconds = 300;

/** The beginning of the window that a moment is in. @param at in ms since 1970 */
export function addressWindow(at: number): Date {
  const windowMs = addressWindowSeconds * 1_000;
  return new Date(Math.floor(at / windowMs) * windowMs);
}

/** Where pictures are kept, each under a random id of ours: nothing that a caller sends becomes a name. */
export abstract class ObjectStore {
  /** Resolves when the object would survive a crash. @throws ProblemError service_unavailable */
  abstract put(id: string, picture: Buffer): Promise<void>;

  /** An object that is not there is deleted already. @throws ProblemError service_unavailable */
  abstract delete(id: string): Promise<void>;

  /** Nothing when it is not there, or when the store itself serves its objects. */
  abstract read(id: string): Promise<Buffer | undefined>;

  /** An address that shows the picture to whoever has it, for between ten and fifteen minutes. */
  abstract addressOf(id: string): Promise<string>;
}
