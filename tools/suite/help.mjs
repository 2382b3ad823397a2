import { existsSync } from 'node:fs';

/** @type {Record<string, string>} */
const pages = {
  start: `npm start [-- --replicas <n>]

Starts everything on this machine: PostgreSQL, Redis, a mail catcher, and the four services. Migrates the databases,
prints all URLs, and runs until you press Ctrl-C. Data, logs, and secrets are in .local.

  --replicas <n>   run n processes of each service (1 to 8; default 1)

  PORT, MAIL_UI_PORT, SMTP_PORT          ports (default 3000, 1080, 1025; a free port if the default is taken)
  MANAGEMENT_PORT                        first port for health checks and metrics (default 4000)
  DATABASE_URL, REDIS_URL, SMTP_URL      use your own servers instead of the embedded ones. DATABASE_URL must belong to
                                         a superuser, which creates the databases and roles

Every other variable that a service reads, such as OIDC_PROVIDERS, CORS_ORIGINS, or APP_NAME, is passed on to it. Set
variables in the environment or in a file named .env next to package.json. The environment takes precedence. The command
warns about a name in .env that no service reads, and about a name in the environment that looks mistyped.

Examples
  npm start
  PORT=8080 npm start
  npm start -- --replicas 2
  APP_NAME='Acme Portal' npm start
  REDIS_URL=redis://localhost:6379/5 npm start`,
  dev: `npm run dev [-- --replicas <n>]

Like npm start, but compiles each source file that you change and restarts the services that use it.

Examples
  npm run dev
  PORT=8080 npm run dev`,
  reset: `npm run reset

Deletes the local data in .local: databases, queues, emails, logs, and secrets. Fails while npm start runs.

Examples
  npm run reset
  npm run reset && npm start`,
  test: `npm test [-- <path or pattern> …]

Runs all checks (types, format, lint, module boundaries, and more) and all tests against a real PostgreSQL and Redis.
The last line is "N passed, N failed". With a path or pattern, it runs only the tests that match.

  TEST_DATABASE_URL, TEST_REDIS_SERVER   use your own PostgreSQL server and Redis binary

Examples
  npm test
  npm test -- libs/rpc
  npm test -- -t "expired token"`,
  bench: `npm run bench [-- <options>]

Starts its own suite, creates a user, and measures GET /users/me, POST /auth/login, POST /auth/refresh, and GET /health at
several numbers of connections. Compares them with the limits of this machine: a bare Fastify with the same SELECT, and
argon2 alone. Prints requests per second, latencies, errors, CPU, memory, and the ratios with their targets, and writes
them to .local/bench/http.txt. A failed request fails the run. Keep the machine idle otherwise.

  --seconds <s>          duration of each measurement in each of the three rounds (default 5)
  --connections <list>   default 1,16,64
  --only <list>          any of me, login, refresh, health
  --json <file>          also write every sample to this file

  API_URL                measure this running suite instead. It needs a high RATE_LIMIT_FACTOR. Set MAIL_URL and
                         DATABASE_URL_AUTH too

Examples
  npm run bench
  npm run bench -- --only me --connections 16 --seconds 10
  npm run bench -- --json bench.json`,
};

/**
 * Returns the requested page, or the list of commands for an unknown command.
 * @param {string | undefined} command
 * @param {readonly string[]} args
 * @returns {{ text: string, exitCode: number } | undefined} undefined: continue and run the command
 */
export function helpFor(command, args) {
  const page = command === undefined ? undefined : pages[command];
  if (page !== undefined)
    return args.includes('--help') || args.includes('-h') ? { text: page, exitCode: 0 } : undefined;
  // The other commands have their own help.
  if (existsSync(new URL(`../../scripts/${command ?? ''}.ts`, import.meta.url))) return undefined;
  const names = Object.keys(pages).map((name) =>
    name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`,
  );
  return { text: `Commands: ${names.join(', ')}. For help, add -- --help to a command.`, exitCode: 2 };
}
