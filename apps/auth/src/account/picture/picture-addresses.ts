import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStore } from './object-store';

/** Nobody waits longer for the address of a picture: it is not worth a sign-in. */
const longestWaitMs = 1_000;

/** Where a stored picture can be seen for some minutes, for those who may see what it belongs to. */
@Injectable()
export class PictureAddresses {
  private readonly log = new Logger('PictureAddresses');

  constructor(private readonly objects: ObjectStore) {}

  /** Null when there is none to be had: credentials for signing it may come from elsewhere. @param object its id; null for none */
  async of(object: string | null): Promise<string | null> {
    if (object === null) return null;
    const waiting = new AbortController();
    try {
      const tooLong = delay(longestWaitMs, null, { signal: waiting.signal });
      return await Promise.race([this.objects.addressOf(object), tooLong]);
    } catch (error) {
      this.log.warn(`A picture has no address now: ${error instanceof Error ? error.name : 'failed'}`);
      return null;
    } finally {
      waiting.abort();
    }
  }
}
