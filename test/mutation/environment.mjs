import ProcessEnvironment from '../environment.ts';

/** The mutant that has already failed a test. */
let killed;

/** One failure kills a mutant, so the rest of its tests are skipped, in this file and in later ones. */
export default class ImpatientEnvironment extends ProcessEnvironment {
  async handleTestEvent(event, state) {
    const mutant = process.env['__STRYKER_ACTIVE_MUTANT__'];
    if (/^(test_fn|hook)_failure$/.test(event.name)) killed = mutant;
    if (mutant !== undefined && killed === mutant) {
      // Before the first hook, so that nothing is set up unnecessarily.
      if (event.name === 'run_start') skipAll(state.rootDescribeBlock);
      if (event.name === 'test_start') event.test.mode = 'skip';
    }
    await super.handleTestEvent(event, state);
  }
}

function skipAll(block) {
  for (const child of block.children) {
    if (child.type === 'describeBlock') skipAll(child);
    else child.mode = 'skip';
  }
}
