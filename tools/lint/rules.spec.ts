import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuleTester } from 'oxlint/plugins-dev';
import { root } from '#libs/local';
import { rules } from './rules';

const tester = new RuleTester({ languageOptions: { parserOptions: { lang: 'ts' } } });
const controller = (members: string) => `@Controller('things') class ThingsController { ${members} }`;

tester.run('route-access', rules['route-access'], {
  valid: [
    { name: 'a public route', code: controller(`@Public() @Get() list() {}`) },
    { name: 'a route for signed-in users', code: controller(`@Post(':id') @HttpCode(200) @Authenticated() act() {}`) },
    { name: 'a method that is no route', code: controller(`helper() {} @Memoize() other() {}`) },
  ],
  invalid: [
    {
      name: 'a route that says nothing',
      code: controller(`@Get() list() {}`),
      errors: [{ messageId: 'silent' }],
    },
    {
      name: 'every verb',
      code: controller(`@Put() a() {} @Patch() b() {} @Delete() c() {} @All() d() {} @Sse() e() {} @Head() f() {}`),
      errors: Array.from({ length: 6 }, () => ({ messageId: 'silent' })),
    },
    {
      name: 'a class that says it for its routes: the guard does not look there',
      code: `@Authenticated() @Controller() class C { @Get() list() {} }`,
      errors: [{ messageId: 'silent' }],
    },
    {
      name: 'a decorator that is not called',
      code: controller(`@Public @Get() list() {}`),
      errors: [{ messageId: 'silent' }],
    },
    {
      name: 'both at once',
      code: controller(`@Public() @Authenticated() @Get() list() {}`),
      errors: [{ messageId: 'contradictory' }],
    },
  ],
});

const classWith = (dependencies: number) => {
  const parameters = Array.from({ length: dependencies }, (_, index) => `private readonly part${index}: Part${index}`);
  return `class Handler { constructor(${parameters.join(', ')}) {} }`;
};

tester.run('constructor-dependencies', rules['constructor-dependencies'], {
  valid: [
    { name: 'six dependencies', code: classWith(6) },
    { name: 'a method with more parameters', code: `class C { act(a, b, c, d, e, f, g) {} }` },
  ],
  invalid: [{ name: 'seven dependencies', code: classWith(7), errors: [{ messageId: 'many' }] }],
});

tester.run('no-sleep', rules['no-sleep'], {
  valid: [
    { name: 'a timer that nobody awaits', code: `setTimeout(() => stop(), 5);` },
    { name: 'waiting for a condition', code: `await eventually(() => isDone());` },
  ],
  invalid: [
    {
      name: 'an awaited timer',
      code: `await new Promise((resolve) => setTimeout(resolve, 5));`,
      errors: [{ messageId: 'sleep' }],
    },
    {
      name: 'the timer that gives a promise',
      code: `import { setTimeout as delay } from 'node:timers/promises';`,
      errors: [{ messageId: 'sleep' }],
    },
    {
      name: 'the same by its older name',
      code: `import { setTimeout as delay } from 'timers/promises';`,
      errors: [{ messageId: 'sleep' }],
    },
  ],
});

const inFunction = (code: string) => `async function act(id, isOpen) { ${code} }`;
const value = { messageId: 'value' };

tester.run('sql-parameters', rules['sql-parameters'], {
  valid: [
    { name: 'a parameter', code: 'client.query(`SELECT 1 FROM users WHERE id = $1`, [id]);' },
    { name: 'an escaped name', code: inFunction('client.query(`DROP DATABASE ${client.escapeIdentifier(id)}`);') },
    { name: 'a template for somebody else', code: inFunction('const text = `for ${id}`; log(text);') },
    {
      name: 'constants of modules, and what is made of them alone',
      code:
        "import { isPending } from './open'; const columns = 'a, b'; const one = (column) => column;" +
        inFunction(
          "const sql = `SELECT ${columns} FROM t WHERE ${one('a')} AND ${isOpen ? isPending : 'true'}`; queryRows(m, sql);",
        ),
    },
  ],
  invalid: [
    {
      name: 'a value in the text',
      code: inFunction('client.query(`SELECT 1 FROM users WHERE id = ${id}`);'),
      errors: [value],
    },
    {
      name: 'a value in the text of our own helpers',
      code: inFunction('execute(manager, `DELETE FROM users WHERE id = ${id}`); queryRows(manager, `SELECT ${id}`);'),
      errors: [value, value],
    },
    {
      name: 'a value in a text that is passed later',
      code: inFunction('const sql = `DELETE FROM users WHERE id = ${id}`; await execute(manager, sql, []);'),
      errors: [value],
    },
    {
      name: 'a value that came through another text',
      code: inFunction(
        "const which = `id = ${id}`; const sql = 'DELETE FROM users WHERE ' + which; execute(manager, sql);",
      ),
      errors: [value],
    },
    {
      name: 'a value in a prepared statement, inline or named',
      code: inFunction(
        'const one = { name: "one", sql: `SELECT ${id}`, row }; queryPrepared(m, one, []); queryPrepared(m, { sql: `SELECT ${id}` }, []);',
      ),
      errors: [value, value],
    },
    {
      name: 'a value in one of two texts',
      code: inFunction('const sql = isOpen ? `SELECT 1` : `SELECT ${id}`; queryRows(manager, sql, [], row);'),
      errors: [value],
    },
  ],
});

it('allows no comment that disables a rule: .oxlintrc.json names the exceptions', () => {
  const sources = globSync('{apps,libs,scripts,test,tools}/**/*.{ts,mjs}', { cwd: root });
  expect(sources.length).toBeGreaterThan(500);
  const comment = /(?:eslint|oxlint)-(?:disable|enable)/;
  const own = join('tools', 'lint', 'rules.spec.ts');
  expect(sources.filter((file) => file !== own && comment.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});
