import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/**
 * Where a test file runs: in the process's own realm, as in production, because that is where the packages of runtime.cjs live.
 * What a file changes of the process, or jest on its behalf, is put back for the next one.
 */
export default class ProcessEnvironment {
  readonly global = globalThis;
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  private readonly putBack = rememberProcess();

  constructor({ projectConfig }: JestEnvironmentConfig, _context: EnvironmentContext) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  /**
   * After the last of a file's own hooks it runs what the file's resources left to be tidied up (libs/testing's cleanupOnce):
   * an `afterAll` of the library's own would run before the file's, and take the servers away from under it.
   */
  async handleTestEvent({ name }: { readonly name: string }): Promise<void> {
    if (name === 'run_finish') await globalThis.tidyUp?.();
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    // Of a test that failed before it did so itself: packages and globals belong to the next file, too.
    this.moduleMocker.restoreAllMocks();
    this.putBack();
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }

  getVmContext(): null {
    return null;
  }
}

function rememberProcess(): () => void {
  const { console: ownConsole } = globalThis;
  const { env } = process;
  const variables = { ...env };
  const { exit, getBuiltinModule } = Object.getOwnPropertyDescriptors(process);
  return () => {
    globalThis.console = ownConsole;
    Object.defineProperties(process, { exit, getBuiltinModule });
    for (const name of Object.keys(env)) if (!(name in variables)) Reflect.deleteProperty(env, name);
    Object.assign(env, variables);
  };
}
