/** The layers, lowest first: a part may import from those before it, never from its own or a later one. */
const layers = [
  ['validation', 'local'],
  ['contracts'],
  ['config', 'encryption'],
  ['observability', 'command'],
  ['database', 'redis', 'objects'],
  ['rpc', 'jobs', 'audit'],
  ['service', 'operations'],
];
const tests = '(\\.spec\\.ts$|/fixtures/|^(apps|libs)/[^/]+/test/|^libs/testing/)';

const upward = layers.flatMap((layer, level) => {
  const allowed = layers.slice(0, level).flat();
  return layer.map((name) => ({
    name: `layers-${name}`,
    comment: `libs/${name} may import ${allowed.length === 0 ? 'no other library' : allowed.join(', ')}.`,
    severity: 'error',
    from: { path: `^libs/${name}/`, pathNot: tests },
    to: { path: '^libs/', pathNot: `^libs/(${[name, ...allowed].join('|')})/` },
  }));
});

/**
 * The areas of auth, lowest first: an area may import from those before it, never from its own level or a later one.
 * Every area may read the configuration. Only the files that put the service together import all areas.
 */
const areas = ['account', 'audit', 'session', 'api-key', 'sign-in', 'organization', 'staff'].map((area) => [area]);
const authSource = '^apps/auth/src/';

/**
 * The contracts and the gateway's routes have the same areas. Routes may import pages and the code that all routes
 * share, but not the other way around.
 */
const routeAreas = [['contract', 'pages'], ...areas];
const gatewayRoutes = '^apps/gateway/src/routes/';

const backwardIn = (app, source, levels, besides = []) =>
  levels.flatMap((level, index) => {
    const allowed = levels.slice(0, index).flat();
    return level.map((name) => ({
      name: `${app}-areas-${name}`,
      comment: `${source.slice(1)}${name} may import ${allowed.length === 0 ? 'no other area' : allowed.join(', ')}.`,
      severity: 'error',
      from: { path: `${source}${name}/`, pathNot: tests },
      to: { path: source, pathNot: [`${source}(${[name, ...allowed].join('|')})/`, ...besides] },
    }));
  });
const backward = [
  ...backwardIn('auth', authSource, areas, [`${authSource}(config|provider-settings)\\.ts$`]),
  ...backwardIn('contracts', '^libs/contracts/src/auth/', areas),
  ...backwardIn('gateway', gatewayRoutes, routeAreas),
  {
    name: 'gateway-routes-on-top',
    comment: 'Routes are on top: what they stand on does not know them.',
    severity: 'error',
    from: { path: '^apps/gateway/src/(?!routes/|commands/)[^/]+/', pathNot: tests },
    to: { path: gatewayRoutes },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    ...backward,
    {
      name: 'auth-configuration-is-lowest',
      comment: 'Every area reads the configuration, so it imports none of them.',
      severity: 'error',
      from: { path: `${authSource}(config|provider-settings)\\.ts$` },
      to: { path: authSource, pathNot: `${authSource}provider-settings\\.ts$` },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-stay-apart',
      comment: 'Services speak to each other by contracts only.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-by-their-entries',
      comment: 'From outside, an app is used through these files, and by tests through its test folder.',
      severity: 'error',
      from: { path: '^(libs|scripts|test|tools)/' },
      to: {
        path: '^apps/',
        pathNot: '^apps/[^/]+/(src/(index|database|application|measured|commands/index)\\.ts$|test/)',
      },
    },
    {
      name: 'libraries-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'through-the-index',
      comment: 'A library is used through its index.ts: what that does not export is its own affair.',
      severity: 'error',
      from: { path: '^(apps|libs|scripts|test|tools)/([^/]+)', pathNot: tests },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/$2/'] },
    },
    {
      name: 'contracts-are-zod-only',
      comment: 'What crosses a process is also used in browsers. `tlds` is a 16 kB list without code.',
      severity: 'error',
      from: { path: '^libs/(contracts|validation)/', pathNot: tests },
      to: {
        dependencyTypesNot: [
          'local',
          'aliased',
          'aliased-tsconfig',
          'aliased-tsconfig-paths',
          'aliased-subpath-import',
        ],
        pathNot: ['^node_modules/zod/', '^node_modules/tlds/'],
      },
    },
    {
      name: 'observability-loads-no-store',
      comment: 'It has to be loaded before what it instruments.',
      severity: 'error',
      from: { path: '^libs/observability/', pathNot: tests },
      to: { path: '^node_modules/(pg|ioredis|typeorm|bullmq)/' },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: tests },
      to: {
        path: [
          '^libs/testing/',
          '\\.spec\\.ts$',
          '^test/',
          '^(apps|libs)/[^/]+/test/',
          '^(scripts|tools)/',
          '/fixtures/',
        ],
      },
    },
    {
      name: 'tools-run-without-tests',
      severity: 'error',
      from: { path: '^(scripts|tools)/', pathNot: tests },
      to: { path: ['\\.spec\\.ts$', '^test/', '^(apps|libs)/[^/]+/test/', '/fixtures/'] },
    },
    {
      name: 'testing-library-stands-alone',
      comment: 'Tests of any part may use it.',
      severity: 'error',
      from: { path: '^libs/testing/' },
      to: { path: '^(apps|scripts|test|tools)/' },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it, and it imports nothing: forgotten?',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^(scripts|tools)/', '/assets/'] },
      to: {},
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'] },
    },
    {
      name: 'no-development-dependencies-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
