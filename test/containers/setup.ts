import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Stack } from '../../tools/containers/stack';
import { atTeardown } from '../global-teardown';
import { timed } from './timed';

/** Builds the images and starts the production stack. The tests find it by TEST_* variables. */
export default async function setup(): Promise<void> {
  const stack = await Stack.prepareProduction();
  atTeardown(() => stack.remove());
  const { folder, variables } = stack.settings;
  const suiteFolder = join(folder, 'suite');
  await timed('Building the images', () => stack.compose('build', '--quiet'));
  await timed('Starting the production stack', () => stack.up());
  const followers = stack.followLogs(join(suiteFolder, 'logs'));
  atTeardown(() => followers.forEach((follower) => follower.kill()));
  Object.assign(process.env, {
    TEST_RUN: randomBytes(4).toString('hex'),
    TEST_STACK: JSON.stringify({ folder, variables }),
    TEST_SUITE_FOLDER: suiteFolder,
    TEST_API_URL: stack.url,
    TEST_MAIL_URL: `http://127.0.0.1:${stack.port('MAIL')}`,
    TEST_COLLECTOR_URL: `http://127.0.0.1:${stack.port('COLLECTOR')}`,
  });
  const password = stack.secret('database_password_auth_owner');
  process.env['TEST_DATABASE_URL_AUTH'] =
    `postgres://groundwork_auth_owner:${password}@127.0.0.1:${stack.port('POSTGRES')}/groundwork_auth`;
}
