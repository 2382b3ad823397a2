// @ts-check
const { createRequire } = require('node:module');
const { sep } = require('node:path');
const { compileFunction, constants } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

// A test file that changes a package's own data gets the package for itself.
const changed = new Set(['@zxcvbn-ts/language-common']);

/**
 * Jest evaluates every package anew for each test file, in a realm of its own: seconds for a file that starts a Nest
 * application. Here Node itself loads the packages, once for each worker, as in production. So there is one realm for all,
 * see environment.ts.
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
/** Jest translates a stack with those of one runtime. */
const sourceMaps = new Map();

/**
 * The services' tests share what they import of ours as well, so that the second file finds it loaded, and compiled by V8. Those
 * of the libraries do not: many declare contracts of their own, which are registered where they are declared.
 */
module.exports = class extends PackagesOnce {
  /** @param {ConstructorParameters<typeof Runtime>} args */
  constructor(...args) {
    super(...args);
    const [{ rootDir }, , , , , , testPath, { watch, watchAll }] = args;
    // Who watches changes what was loaded.
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
