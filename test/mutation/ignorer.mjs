export const ignorerName = 'what-programs-do-not-see';

/** Texts for people that no program depends on: log lines and messages of unexpected errors. */
const forPeople = /^(logger\(\)|this\.logger|console)\.\w+$/;

/** @param {{ node: unknown, parent: unknown }} path */
function isForPeople({ node }) {
  if (node.type === 'CallExpression') return forPeople.test(nameOf(node.callee));
  return node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.name === 'Error';
}

function nameOf(node) {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'CallExpression') return `${nameOf(node.callee)}()`;
  if (node.type === 'MemberExpression') return `${nameOf(node.object)}.${nameOf(node.property)}`;
  return '';
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: ignorerName,
    value: { shouldIgnore: (path) => (isForPeople(path) ? 'People read it; no program goes by it.' : undefined) },
  },
];
