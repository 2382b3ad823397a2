// @ts-check
const { createRequire } = require('node:module');
const { compileFunction, constants } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

// A test file that changes a package's own data gets the package for itself.
const changed = new Set(['@zxcvbn-ts/language-common']);

/**
 * Jest evaluates every package anew for each test file, in a realm of its own: seconds for a file that starts a Nest
 * application. Here Node itself loads the packages, once for each worker, as in production; only our own sources are
 * evaluated for each file. So there is one realm for all, see environment.ts.
 */
module.exports = class extends Runtime {
  /** @param {ConstructorParameters<typeof Runtime>} args */
  constructor(...args) {
    super(...args);
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
};
module.exports.default = module.exports;
