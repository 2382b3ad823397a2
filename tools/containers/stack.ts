import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, root } from '#libs/local';
import { copyOfSources } from '../suite/copy';
import { docker, run, type Outcome } from './engine';

/** The user of the services in the images. */
const serviceUser = 1000;
const followed = ['gateway', 'auth', 'billing', 'notification'];

export interface StackSettings {
  /** A copy of the sources with its own `.env` and `secrets`, as on a server. */
  readonly folder: string;
  /** What the containers need besides `.env`. */
  readonly variables: Readonly<Record<string, string>>;
}

const portNames = ['HTTP', 'HTTPS', 'POSTGRES', 'MAIL', 'COLLECTOR'] as const;
type PortName = (typeof portNames)[number];

/** The stack of one of the Compose files on this machine, in a copy of the sources. */
export class Stack {
  constructor(readonly settings: StackSettings) {}

  /** Writes the settings and secrets of docker-compose.prod.yml as docs/deployment.md says. Starts nothing. */
  static async prepareProduction(): Promise<Stack> {
    const stack = await Stack.prepare('groundwork-drill', 'docker-compose.prod.yml', 'compose.yml');
    const { output, code } = await stack.run('scripts/init-production.sh', [
      ...['--domain', 'localhost', '--email', 'ops@acme.test'],
      ...['--smtp-url', 'smtp://catcher:25', '--mail-from', 'Acme <no-reply@acme.test>'],
    ]);
    if (code !== 0) throw new Error(output);
    stack.prepareObjects();
    return stack;
  }

  /** docker-compose.yml, as in a fresh clone. Starts nothing. */
  static async prepareDevelopment(): Promise<Stack> {
    const stack = await Stack.prepare('groundwork-drill-dev', 'docker-compose.yml', 'compose.development.yml');
    // The containers install their own packages.
    rmSync(join(stack.settings.folder, 'node_modules'));
    return stack;
  }

  private static async prepare(project: string, file: string, changes: string): Promise<Stack> {
    const folder = copyOfSources('groundwork-containers-');
    const ports = portNames.map(async (name): Promise<[string, string]> => [`${name}_PORT`, String(await freePort())]);
    return new Stack({
      folder,
      variables: {
        ...Object.fromEntries(await Promise.all(ports)),
        TREE: root,
        SUITE_FOLDER: join(folder, 'suite'),
        COMPOSE_PROJECT_NAME: project,
        COMPOSE_FILE: `${file}:${join(root, 'tools', 'containers', changes)}`,
        DOCKER_SOCKET: socketOfEngine(),
        VERSION: 'drill-1',
      },
    });
  }

  get url(): string {
    return `https://localhost:${this.port('HTTPS')}`;
  }

  port(name: PortName): string {
    return this.settings.variables[`${name}_PORT`] ?? '';
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.settings.variables };
  }

  secret(name: string): string {
    return readFileSync(join(this.settings.folder, 'secrets', name), 'utf8').trim();
  }

  /** Runs a script of the copy, or any program, in its folder. */
  run(command: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return run(command, args, { cwd: this.settings.folder, env: { ...this.env, ...env } });
  }

  /** @throws Error with what it said if it fails */
  async compose(...args: string[]): Promise<string> {
    const { code, output } = await this.run('docker', ['compose', ...args]);
    if (code !== 0) throw new Error(`docker compose ${args.join(' ')} ended with ${code}:\n${output}`);
    return output.trimEnd();
  }

  /**
   * Starts these services, or all, and waits until they are healthy.
   * @throws Error with what the containers said last if one of them ends or stays unhealthy
   */
  async up(...services: string[]): Promise<void> {
    try {
      await this.compose('up', '--detach', '--wait', ...services);
    } catch (cause) {
      throw new Error(`${String(cause)}\n${await this.compose('logs', '--tail', '20')}`, { cause });
    }
  }

  /** The ids of the running containers of a service. */
  async containers(service: string): Promise<string[]> {
    return (await this.compose('ps', '--quiet', service)).split('\n').filter((id) => id !== '');
  }

  async inspect(id: string, format: string): Promise<string> {
    return docker(['inspect', '--format', format, id], this.env);
  }

  /** Writes the logs of the services to files, as `npm start` does. */
  followLogs(folder: string): ChildProcess[] {
    return followed.map((service) => {
      const args = ['compose', 'logs', '--follow', '--no-log-prefix', service];
      const child = spawn('docker', args, {
        cwd: this.settings.folder,
        env: this.env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout.pipe(createWriteStream(join(folder, `${service}.log`)));
      return child;
    });
  }

  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '1');
    rmSync(this.settings.folder, { recursive: true, force: true });
  }

  /** The files that the end-to-end tests read, where `npm start` keeps them. */
  private prepareObjects(): void {
    const suite = this.settings.variables['SUITE_FOLDER'] ?? '';
    mkdirSync(join(suite, 'logs'), { recursive: true });
    mkdirSync(join(suite, 'objects'));
    if (process.getuid?.() === 0) chownSync(join(suite, 'objects'), serviceUser, serviceUser);
    else chmodSync(join(suite, 'objects'), 0o777);
    writeFileSync(join(suite, 'secrets.env'), `FIELD_ENCRYPTION_KEY=${this.secret('field_encryption_key')}\n`);
  }
}

function socketOfEngine(): string {
  const format = '{{.Endpoints.docker.Host}}';
  const host = execFileSync('docker', ['context', 'inspect', '--format', format], { encoding: 'utf8' });
  return host.trim().replace('unix://', '');
}
