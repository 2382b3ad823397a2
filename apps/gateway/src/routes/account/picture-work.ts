import { ProblemError } from '#libs/contracts';
import { Injectable } from '@nestjs/common';

/** Concurrent uploads. Each holds up to 5 MB while it is read, waits or is decoded. */
const mostUploads = 8;
const longestWaitMs = 10_000;

/** Limits what pictures use of this process. More uploads are refused at once, while everything else goes on. */
@Injectable()
export class PictureWork {
  private uploads = 0;
  private decoding = false;
  private readonly waiting: (() => void)[] = [];

  /** @throws ProblemError service_unavailable if there are too many uploads */
  async admit<T>(work: () => Promise<T>): Promise<T> {
    if (this.uploads >= mostUploads) throw busy();
    this.uploads++;
    try {
      return await work();
    } finally {
      this.uploads--;
    }
  }

  /**
   * Runs one decoder at a time: it uses one of libuv's four threads and up to 130 MB, and two at once would
   * exceed the container's memory.
   * @throws ProblemError service_unavailable after waiting for ten seconds
   */
  async inTurn<T>(decode: () => Promise<T>): Promise<T> {
    const since = performance.now();
    if (this.decoding) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.decoding = true;
    try {
      if (performance.now() - since > longestWaitMs) throw busy();
      return await decode();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.decoding = false;
      else next();
    }
  }
}

function busy(): ProblemError {
  return new ProblemError('service_unavailable', { retryAfterSeconds: 5 });
}
