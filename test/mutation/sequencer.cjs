const { readFileSync } = require('node:fs');

/** Runs quick files first, because the first failure ends a mutant: files that start nothing, then by length. */
module.exports = class {
  sort(tests) {
    const costs = new Map(tests.map((test) => [test, costOf(test.path)]));
    return [...tests].sort((a, b) => costs.get(a) - costs.get(b));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
};

function costOf(path) {
  const text = readFileSync(path, 'utf8');
  return /startAuth|testDatabase|spawnProcess/.test(text) ? text.length + 1_000_000 : text.length;
}
