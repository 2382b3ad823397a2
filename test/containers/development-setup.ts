import { join } from 'node:path';
import { Stack } from '../../tools/containers/stack';
import { atTeardown } from '../global-teardown';
import { timed } from './timed';

/** Starts docker-compose.yml as in a fresh clone. The tests find it by TEST_* variables. */
export default async function setup(): Promise<void> {
  const stack = await Stack.prepareDevelopment();
  atTeardown(() => stack.remove());
  await timed('Installing and starting the development stack', () => stack.up('suite', 'mail', 'catcher'));
  Object.assign(process.env, {
    TEST_SUITE_FOLDER: join(stack.settings.folder, 'suite'),
    TEST_API_URL: `http://localhost:${stack.port('HTTP')}`,
    TEST_MAIL_URL: `http://127.0.0.1:${stack.port('MAIL')}`,
    TEST_COLLECTOR_URL: `http://127.0.0.1:${stack.port('COLLECTOR')}`,
    TEST_DATABASE_URL_AUTH: `postgres://postgres:postgres@127.0.0.1:${stack.port('POSTGRES')}/groundwork_auth`,
  });
}
