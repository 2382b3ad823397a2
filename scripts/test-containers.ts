import { spawnSync } from 'node:child_process';
import { root } from '#libs/local';

const help = `npm run test:containers [-- [--development] <file or test name options of jest>]

Builds the images, starts the production stack of docker-compose.prod.yml in containers of its own, and runs the
end-to-end tests and the drills against it: deployments, faults, backups. Needs Docker with Compose 2.26 or newer, on
this machine. Takes about half an hour. Removes its containers and volumes at the end.

  --development   run the end-to-end tests against docker-compose.yml instead

Examples
  npm run test:containers
  npm run test:containers -- deploy            # only test/containers/deploy.drill.ts
  npm run test:containers -- faults -t Redis   # only the drills with Redis in their name`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) console.log(help);
else {
  const config = args.includes('--development')
    ? 'test/containers.development.config.cjs'
    : 'test/containers.config.cjs';
  const jest = ['--no-warnings', 'node_modules/jest/bin/jest.js', '-c', config, '--verbose'];
  // Traefik has no certificate for localhost, so it uses one of its own.
  const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const { status } = spawnSync(process.execPath, [...jest, ...args.filter((arg) => arg !== '--development')], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
