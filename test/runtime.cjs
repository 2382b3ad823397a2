// @ts-check
const { createRequire } = require('node:module');
const { sep } = require('node:path');
const { compileFunction, constants } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

// Packages whose data a test file changes. That file gets its own copy.
const changed = new Set(['@zxcvbn-ts/language-common']);

/**
 * Jest evaluates every package again for each test file in its own realm, which takes seconds for a file
 * that starts a Nest application. Here Node itself loads the packages once per worker, as in production,
 * so there is one realm for all: see environment.ts.
 */
class PackagesOnce extends Runtime {
  /** @param {ConstructorParameters<typeof Runtime>} args */
  constructor(...args) {
    super(...args);
    this.transformCache.sourceMaps = sourceMaps;
    const parameters = this.executor.injectedModuleParameters;
    /** @param {string} source @param {string} filename */
    this.executor.compile = (source, filename) =>
      compileFunction(source, parameters, {
        filename,
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
  }

  /** @param {string} from @param {string} name */
  requireModuleOrMock(from, name) {
    const isOurs = /^(?:\.|\/|#libs\/)/.test(name) || changed.has(name);
    return isOurs ? super.requireModuleOrMock(from, name) : createRequire(from)(name);
  }
}

/** @type {PackagesOnce | undefined} */
let services;
/** Jest translates stacks with the source maps of one runtime. */
const sourceMaps = new Map();

/**
 * The tests of services also share our own modules, so that the second file finds them loaded and compiled
 * by V8. The tests of libraries do not, because many declare their own contracts, which are registered on
 * import.
 */
module.exports = class extends PackagesOnce {
  /** @param {ConstructorParameters<typeof Runtime>} args */
  constructor(...args) {
    super(...args);
    const [{ rootDir }, , , , , , testPath, { watch, watchAll }] = args;
    // In watch mode, loaded files change.
    const isOneRun = !watch && !watchAll && process.env.TEST_ISOLATED === undefined;
    this.isShared = isOneRun && testPath.startsWith(`${rootDir}${sep}apps${sep}`);
    if (this.isShared) services ??= new PackagesOnce(...args);
  }

  /** @param {string} from @param {string} name */
  requireModuleOrMock(from, name) {
    return this.isShared && services !== undefined
      ? services.requireModuleOrMock(from, name)
      : super.requireModuleOrMock(from, name);
  }
};
module.exports.default = module.exports;
