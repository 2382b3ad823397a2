import ProcessEnvironment from '../environment.ts';

/** The mutant that a test has failed for. */
let killed;

/** One failure is enough to kill a mutant: what is left of its tests, in this file and those after it, is skipped. */
export default class ImpatientEnvironment extends ProcessEnvironment {
  async handleTestEvent(event, state) {
    const mutant = process.env['__STRYKER_ACTIVE_MUTANT__'];
    if (/^(test_fn|hook)_failure$/.test(event.name)) killed = mutant;
    if (mutant !== undefined && killed === mutant) {
      // Before the first hook, so that nothing is set up for nobody.
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
