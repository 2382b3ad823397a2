/** First the end-to-end tests, on the stack as it was installed; then the drills. */
module.exports = class {
  /** @template {{ readonly path: string }} Test @param {readonly Test[]} tests */
  sort(tests) {
    /** @param {Test} test */
    const key = ({ path }) => `${path.endsWith('.drill.ts') ? 1 : 0} ${path}`;
    return [...tests].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  }

  /** Jest calls this after the last test. Without it, the run would end before the containers are removed. */
  cacheResults() {}
};
