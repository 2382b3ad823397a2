import { definePlugin, defineRule } from '@oxlint/plugins';
import { sqlParameters } from './sql-parameters.ts';

const verbs = 'Get|Post|Put|Patch|Delete|Head|Options|All|Sse';
const decoratedWith = (names: string) => `:has(> Decorator[expression.callee.name=/^(${names})$/])`;
const route = `MethodDefinition${decoratedWith(verbs)}`;

/**
 * Requires `@Public()` or `@Authenticated()` on the method of each hand-written HTTP route, where
 * AccessGuard reads it. `@Route(contract)` needs neither, because its access follows from the contract.
 */
const routeAccess = defineRule({
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      silent: 'Say who may call this route: @Public() or @Authenticated().',
      contradictory: 'A route is either @Public() or @Authenticated(), not both.',
    },
  },
  create: (context) => ({
    [`${route}:not(${decoratedWith('Public|Authenticated')})`]: (node) => {
      context.report({ node, messageId: 'silent' });
    },
    [`${route}${decoratedWith('Public')}${decoratedWith('Authenticated')}`]: (node) => {
      context.report({ node, messageId: 'contradictory' });
    },
  }),
});

const awaitedTimer = "AwaitExpression > NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout']";
const timersPromises = 'ImportDeclaration[source.value=/^(node:)?timers\\u002fpromises$/]';

/** A test that sleeps is slow on a fast machine and fails on a slow one. */
const noSleep = defineRule({
  meta: {
    type: 'problem',
    schema: [],
    messages: { sleep: 'No sleeps in tests: wait for the condition with eventually().' },
  },
  create: (context) => ({
    [`${awaitedTimer}, ${timersPromises}`]: (node) => {
      context.report({ node, messageId: 'sleep' });
    },
  }),
});

/** A class that needs more than this does more than one thing. */
const mostDependencies = 6;

const constructorDependencies = defineRule({
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      many: `A constructor takes at most ${mostDependencies} dependencies. Split the class, or give it what it uses together as one.`,
    },
  },
  create: (context) => ({
    [`MethodDefinition[kind='constructor'][value.params.length>${mostDependencies}]`]: (node) => {
      context.report({ node, messageId: 'many' });
    },
  }),
});

/** This project's own rules, for .oxlintrc.json. */
export const rules = {
  'route-access': routeAccess,
  'no-sleep': noSleep,
  'sql-parameters': sqlParameters,
  'constructor-dependencies': constructorDependencies,
};

export default definePlugin({ meta: { name: 'groundwork' }, rules });
