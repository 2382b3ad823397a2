import { invalidField, type ProblemError } from '#libs/contracts';
import { decodeUtf8 } from '#libs/validation';

/** A place in a list, as clients pass it back: they have no use for what is in it. */
export function cursorAt(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/**
 * The place that a cursor names.
 * @param read throws for what is no place in this list
 * @throws ProblemError `validation_failed`
 */
export function placeIn<Place>(cursor: string, read: (place: string) => Place): Place {
  try {
    return read(decodeUtf8(Buffer.from(cursor, 'base64url')));
  } catch {
    throw notACursor();
  }
}

export function notACursor(): ProblemError {
  const message = 'Not a cursor of this list. Begin again without one.';
  return invalidField('cursor', 'invalid_cursor', message);
}
