import type { Rule } from 'eslint';

const verbs = 'Get|Post|Put|Patch|Delete|Head|Options|All|Sse';
const decoratedWith = (names: string) => `:has(> Decorator[expression.callee.name=/^(${names})$/])`;
const route = `MethodDefinition${decoratedWith(verbs)}`;

/**
 * Each HTTP route says who may call it: `@Public()` or `@Authenticated()`, on the method itself, where the AccessGuard
 * looks for it. The guard closes a route that says nothing, so this is found before the route is tried, not after.
 */
export const routeAccess: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      silent: 'Say who may call this route: @Public() or @Authenticated().',
      contradictory: 'A route is either @Public() or @Authenticated(), not both.',
    },
  },
  create: (context) => ({
    [`${route}:not(${decoratedWith('Public|Authenticated')})`]: (node: Rule.Node) => {
      context.report({ node, messageId: 'silent' });
    },
    [`${route}${decoratedWith('Public')}${decoratedWith('Authenticated')}`]: (node: Rule.Node) => {
      context.report({ node, messageId: 'contradictory' });
    },
  }),
};
