const { default: Sequencer } = require('@jest/test-sequencer');

/** First the end-to-end tests, on the stack as it was installed; then the drills. */
module.exports = class extends Sequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    /** @param {import('@jest/test-result').Test} test */
    const key = ({ path }) => `${path.endsWith('.drill.ts') ? 1 : 0} ${path}`;
    return [...tests].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  }
};
