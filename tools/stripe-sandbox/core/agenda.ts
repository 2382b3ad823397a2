/** What the sandbox does by itself when its time has come. */
export type TaskKind =
  | 'checkout.expire'
  | 'invoice.advance'
  | 'invoice.expire'
  | 'payment.settle'
  | 'subscription.cancel'
  | 'subscription.pending_items'
  | 'subscription.renew'
  | 'subscription.resume_collection'
  | 'subscription.trial_will_end'
  | 'webhook.retry';

/** At the same second, a kind that stands earlier here runs first. */
const order: readonly TaskKind[] = ['subscription.trial_will_end', 'subscription.cancel'];

/** Work that is due at a moment. It is plain data, so that it can be stored. */
export interface Task {
  readonly kind: TaskKind;
  /** The object that it is about. */
  readonly id: string;
  readonly at: number;
}

const rankOf = ({ kind }: Task) => (order.includes(kind) ? order.indexOf(kind) : order.length);
const isBefore = (a: Task, b: Task) => (a.at === b.at ? rankOf(a) < rankOf(b) : a.at < b.at);
const keyOf = (kind: TaskKind, id: string) => `${kind} ${id}`;

/** Due work in order of time. There is one task of a kind for each object: setting it again replaces it. */
export class Agenda {
  private readonly queue: Task[] = [];
  private readonly current = new Map<string, Task>();

  set(kind: TaskKind, id: string, at: number): void {
    const task = { kind, id, at };
    this.current.set(keyOf(kind, id), task);
    let [low, high] = [0, this.queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.queue[middle];
      if (other !== undefined && isBefore(task, other)) high = middle;
      else low = middle + 1;
    }
    this.queue.splice(low, 0, task);
  }

  clear(kind: TaskKind, id: string): void {
    this.current.delete(keyOf(kind, id));
  }

  /** The earliest task, if it is due by `until`. It leaves the agenda. */
  take(until: number): Task | undefined {
    const task = this.earliest();
    if (task === undefined || task.at > until) return undefined;
    this.queue.shift();
    this.current.delete(keyOf(task.kind, task.id));
    return task;
  }

  all(): Task[] {
    return [...this.current.values()];
  }

  private earliest(): Task | undefined {
    for (let task = this.queue[0]; task !== undefined; task = this.queue[0]) {
      if (this.current.get(keyOf(task.kind, task.id)) === task) return task;
      this.queue.shift();
    }
    return undefined;
  }
}
