/** Whether this process wants work: not before it has started, and not once it was told to stop. */
export class Readiness {
  private current: 'starting' | 'ready' | 'draining' = 'starting';

  get state(): 'starting' | 'ready' | 'draining' {
    return this.current;
  }

  ready(): void {
    if (this.current === 'starting') this.current = 'ready';
  }

  /** For good: a process that drains does not come back. */
  drain(): void {
    this.current = 'draining';
  }
}
