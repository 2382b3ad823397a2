import { ProblemError } from '#libs/contracts';
import { Injectable } from '@nestjs/common';

/** Uploads at once, each with up to 5 MB in memory, whether it is still read, waits, or is decoded. */
const mostUploads = 16;
/** Decoding holds a thread of libuv's four, and up to some hundred megabytes for the largest pictures. */
const mostDecoders = 2;
const longestWaitMs = 10_000;

/** Bounds what pictures may take of this process: more than that is refused at once, while everything else goes on. */
@Injectable()
export class PictureWork {
  private uploads = 0;
  private decoding = 0;
  private readonly waiting: (() => void)[] = [];

  /** @throws ProblemError service_unavailable when as many uploads as may are under way */
  async admit<T>(work: () => Promise<T>): Promise<T> {
    if (this.uploads >= mostUploads) throw busy();
    this.uploads++;
    try {
      return await work();
    } finally {
      this.uploads--;
    }
  }

  /** Runs what decodes, two at a time. @throws ProblemError service_unavailable after ten seconds of waiting */
  async inTurn<T>(decode: () => Promise<T>): Promise<T> {
    const since = performance.now();
    if (this.decoding < mostDecoders) this.decoding++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      if (performance.now() - since > longestWaitMs) throw busy();
      return await decode();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.decoding--;
      else next();
    }
  }
}

function busy(): ProblemError {
  return new ProblemError('service_unavailable', { retryAfterSeconds: 5 });
}
