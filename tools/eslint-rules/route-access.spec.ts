import { RuleTester } from 'eslint';
import { parser } from 'typescript-eslint';
import { routeAccess } from './route-access';

const tester = new RuleTester({ languageOptions: { parser } });
const controller = (members: string) => `@Controller('things') class ThingsController { ${members} }`;

tester.run('route-access', routeAccess, {
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
