import { existsSync } from 'node:fs';

/** @type {Record<string, string>} */
const pages = {
  start: `npm start [-- --replicas <n>]

Starts the whole suite on this machine: PostgreSQL, Redis, a mail catcher and the four services, with the database
migrated. Prints where everything is; Ctrl-C stops it. Data, logs and secrets are kept in .local.

  --replicas <n>   run n processes of each service (1 to 8; default 1)

  PORT, MAIL_UI_PORT, SMTP_PORT          choose the ports (default 3000, 1080, 1025; a free one when taken)
  MANAGEMENT_PORT                        choose the first port for health checks and metrics (default 4000)
  DATABASE_URL, REDIS_URL, SMTP_URL      use servers of your own instead of the embedded ones;
                                         DATABASE_URL names a superuser, who makes the databases and roles

Every other variable that a service reads, such as OIDC_PROVIDERS, CORS_ORIGINS, or APP_NAME, is passed on to it. Set
variables in the environment or in a file named .env beside package.json; the environment wins. A name in .env that no
service reads, or one in the environment that looks mistyped, is reported at the start.

Examples
  npm start
  PORT=8080 npm start
  npm start -- --replicas 2
  APP_NAME='Acme Portal' npm start
  REDIS_URL=redis://localhost:6379/5 npm start`,
  dev: `npm run dev [-- --replicas <n>]

As npm start, and compiles again whenever a source file changes; the services whose code changed are restarted.

Examples
  npm run dev
  PORT=8080 npm run dev`,
  reset: `npm run reset

Deletes what a local run keeps in .local: databases, queues, mails, logs, secrets. Refuses while the suite runs.

Examples
  npm run reset
  npm run reset && npm start`,
  test: `npm test [-- <path or pattern> …]

Runs every check: format, lint, module boundaries, types, and all tests against a real PostgreSQL and Redis.
The last line is «N passed, N failed». With a path or pattern it runs only the tests that match.

  TEST_DATABASE_URL, TEST_REDIS_SERVER   use a server and a binary of your own

Examples
  npm test
  npm test -- libs/rpc
  npm test -- -t "expired token"`,
  bench: `npm run bench [-- <options>]

Starts a suite of its own, makes a user, and measures GET /users/me, POST /auth/login, POST /auth/refresh and GET /health
at several numbers of connections, in rounds, beside the bare limits of this machine: one Fastify with the same SELECT,
and argon2 alone. Prints requests per second, latencies, errors, CPU, memory and the ratios that we aim at, and keeps
them in .local/bench/http.txt. A request that fails fails the run. Nothing else should keep the machine busy meanwhile.

  --seconds <s>          of each cell in each of the three rounds (default 5)
  --connections <list>   default 1,16,64
  --only <list>          of me, login, refresh, health
  --json <file>          writes every sample, too

  API_URL                measures this running suite instead, which must have a high RATE_LIMIT_FACTOR;
                         MAIL_URL and DATABASE_URL_AUTH say where the rest of it is

Examples
  npm run bench
  npm run bench -- --only me --connections 16 --seconds 10
  npm run bench -- --json bench.json`,
};

/**
 * The page that was asked for, or the list of commands when there is no such command.
 * @param {string | undefined} command
 * @param {readonly string[]} args
 * @returns {{ text: string, exitCode: number } | undefined} undefined: go on and run the command
 */
export function helpFor(command, args) {
  const page = command === undefined ? undefined : pages[command];
  if (page !== undefined)
    return args.includes('--help') || args.includes('-h') ? { text: page, exitCode: 0 } : undefined;
  // The others explain themselves.
  if (existsSync(new URL(`../../scripts/${command ?? ''}.ts`, import.meta.url))) return undefined;
  const names = Object.keys(pages).map((name) =>
    name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`,
  );
  return { text: `Commands: ${names.join(', ')}. «-- --help» after each tells more.`, exitCode: 2 };
}
