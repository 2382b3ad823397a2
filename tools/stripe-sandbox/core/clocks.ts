import { Agenda, type Task } from './agenda';

export interface Clock {
  /** Seconds, as everywhere in Stripe's API. */
  now(): number;
  readonly agenda: Agenda;
}

/** The clock of everything that is on no test clock. */
export class RealClock implements Clock {
  readonly agenda = new Agenda();

  now(): number {
    return Math.floor(Date.now() / 1_000);
  }
}

/** Time as a test clock has it: it stands still until it is advanced. */
export class FrozenClock implements Clock {
  readonly agenda = new Agenda();

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  /** Moves to the earliest task that is due by `target`, or to `target` if there is none. */
  next(target: number): Task | undefined {
    const task = this.agenda.take(target);
    this.time = Math.max(this.time, task?.at ?? target);
    return task;
  }
}
