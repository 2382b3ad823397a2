import { defineRule, type Context, type ESTree, type Variable } from '@oxlint/plugins';

const escaping = new Set(['escapeIdentifier', 'escapeLiteral']);
const ownHelpers = new Set(['execute', 'queryRows', 'queryPrepared']);

/**
 * Refuses external values in the text of a statement. Constants of a module are allowed, since they are
 * part of the program. So a text is followed to the local constant that it was built from, and imported
 * names count as constants.
 */
export const sqlParameters = defineRule({
  meta: {
    type: 'problem',
    schema: [],
    messages: { value: 'Values go into $1, $2, …; names through escapeIdentifier().' },
  },
  create: (context) => ({
    CallExpression: (node) => {
      if (!runsSql(node)) return;
      for (const argument of node.arguments) {
        for (const value of valuesIn(argument, context)) context.report({ node: value, messageId: 'value' });
      }
    },
  }),
});

function runsSql({ callee }: ESTree.CallExpression): boolean {
  if (callee.type === 'Identifier') return ownHelpers.has(callee.name);
  return (
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === 'query'
  );
}

/** Returns the expressions that put values into a text that is an argument, or the `sql` or `text` of one. */
function valuesIn(node: ESTree.Node, context: Context): ESTree.Node[] {
  if (node.type === 'TemplateLiteral') return node.expressions.filter((part) => !isConstant(part, context));
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    return isConstant(node, context) ? [] : [node];
  }
  if (node.type === 'ConditionalExpression') {
    return [...valuesIn(node.consequent, context), ...valuesIn(node.alternate, context)];
  }
  if (node.type === 'ObjectExpression') return node.properties.flatMap((property) => statementIn(property, context));
  const text = node.type === 'Identifier' ? localText(node, context) : undefined;
  return text === undefined ? [] : valuesIn(text, context);
}

function statementIn(property: ESTree.ObjectPropertyKind, context: Context): ESTree.Node[] {
  if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
  return /^(?:sql|text)$/.test(property.key.name) ? valuesIn(property.value, context) : [];
}

function isConstant(node: ESTree.Node, context: Context): boolean {
  const all = (parts: readonly ESTree.Node[]) => parts.every((part) => isConstant(part, context));
  switch (node.type) {
    case 'Literal':
      return true;
    case 'TemplateLiteral':
      return all(node.expressions);
    case 'BinaryExpression':
      return all([node.left, node.right]);
    case 'ConditionalExpression':
      return all([node.consequent, node.alternate]);
    case 'MemberExpression':
      return all([node.object]);
    case 'CallExpression':
      return escapes(node.callee) || all([node.callee, ...node.arguments]);
    case 'Identifier': {
      const variable = variableOf(node, context);
      if (variable === undefined || isOfModule(variable)) return variable !== undefined;
      const text = localText(node, context);
      return text !== undefined && isConstant(text, context);
    }
    default:
      return false;
  }
}

function escapes(callee: ESTree.Node): boolean {
  return (
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && escaping.has(callee.property.name)
  );
}

function isOfModule({ scope }: Variable): boolean {
  return scope.type === 'module' || scope.type === 'global';
}

/** Returns the initializer of a constant, and undefined for parameters, imports and variables. */
function localText(node: ESTree.Node & { readonly name: string }, context: Context): ESTree.Node | undefined {
  const [definition] = variableOf(node, context)?.defs ?? [];
  if (definition?.type !== 'Variable' || definition.node.type !== 'VariableDeclarator') return undefined;
  const isConst = definition.parent?.type === 'VariableDeclaration' && definition.parent.kind === 'const';
  return isConst && definition.node.id.type === 'Identifier' ? (definition.node.init ?? undefined) : undefined;
}

function variableOf(node: ESTree.Node & { readonly name: string }, context: Context): Variable | undefined {
  for (let scope = context.sourceCode.getScope(node); ;) {
    const found = scope.set.get(node.name);
    if (found !== undefined) return found;
    if (scope.upper === null) return undefined;
    scope = scope.upper;
  }
}
