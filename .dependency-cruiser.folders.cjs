const { options } = require('./.dependency-cruiser.cjs');

/**
 * Folders must not import each other in a circle, even when no two of their files do. Tests may import from anywhere, so they
 * are left out of this graph.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-folder-cycles',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    ...options,
    exclude: { path: '(^(dist|coverage)/|\\.spec\\.ts$|^(apps|libs)/[^/]+/test/|^libs/testing/)' },
  },
};
