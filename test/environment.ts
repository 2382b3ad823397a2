import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/**
 * Runs test files in the process's own realm, as in production, because the packages of runtime.cjs live
 * there. Changes that a file or jest makes to the process are undone for the next file.
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
   * Runs the cleanups of the file's resources (cleanupOnce in libs/testing) after the file's last hook. An
   * `afterAll` in the library would run before the file's own and stop its servers too early.
   */
  async handleTestEvent({ name }: { readonly name: string }): Promise<void> {
    if (name === 'run_finish') await globalThis.tidyUp?.();
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    // In case a test failed before it restored its mocks, because the next file shares packages and globals.
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
