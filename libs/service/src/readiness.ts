/** Whether this process accepts work: not before it has started, and not after it was told to stop. */
export class Readiness {
  private current: 'starting' | 'ready' | 'draining' = 'starting';

  get state(): 'starting' | 'ready' | 'draining' {
    return this.current;
  }

  ready(): void {
    if (this.current === 'starting') this.current = 'ready';
  }

  /** Final: a process that drains never becomes ready again. */
  drain(): void {
    this.current = 'draining';
  }
}
