import { TestEnvironment } from 'jest-environment-node';

/**
 * After the last of a file's own hooks it runs what the file's resources left to be tidied up (libs/testing's cleanupOnce):
 * an `afterAll` of the library's own would run before the file's, and take the servers away from under it.
 */
export default class TidyEnvironment extends TestEnvironment {
  async handleTestEvent({ name }: { readonly name: string }): Promise<void> {
    if (name === 'run_finish') await this.global.tidyUp?.();
  }
}
