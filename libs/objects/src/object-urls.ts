import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStore } from './object-store';

/** A request, such as a sign-in, must not wait longer for the URL of a picture. */
const longestWaitMs = 1_000;

/** Short-lived URLs of stored objects, for callers who have checked that the reader may see them. */
@Injectable()
export class ObjectUrls {
  private readonly log = new Logger('ObjectUrls');

  constructor(private readonly objects: ObjectStore) {}

  /** Returns null if no URL can be made now, for example because the credentials that sign it cannot be loaded. */
  async of(id: string | null): Promise<string | null> {
    if (id === null) return null;
    const waiting = new AbortController();
    try {
      const tooLong = delay(longestWaitMs, null, { signal: waiting.signal });
      return await Promise.race([this.objects.urlOf(id), tooLong]);
    } catch (error) {
      this.log.warn(`An object has no URL now: ${error instanceof Error ? error.name : 'failed'}`);
      return null;
    } finally {
      waiting.abort();
    }
  }
}
