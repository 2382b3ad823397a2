import { cleanupOnce, eventually, freePort, spawnProcess } from '#libs/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '#libs/local';

const caught = z.array(
  z.object({
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    headers: z.record(z.string(), z.unknown()),
    to: z.array(z.object({ address: z.string() })),
  }),
);

/** An SMTP server on its own port, which a test can start late and stop. */
export class MailCatcher {
  private process: ReturnType<typeof spawnProcess> | undefined;

  private constructor(
    private readonly smtpPort: number,
    private readonly webPort: number,
  ) {}

  static async create(): Promise<MailCatcher> {
    return new MailCatcher(await freePort(), await freePort());
  }

  get smtpUrl(): string {
    return `smtp://127.0.0.1:${this.smtpPort}`;
  }

  async start(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-mail-'));
    cleanupOnce(async () => rmSync(folder, { recursive: true, force: true }));
    const script = join(root, 'node_modules', 'maildev', 'dist', 'bin', 'maildev.js');
    const ports = ['--smtp', String(this.smtpPort), '--web', String(this.webPort)];
    const args = ['--ip', '127.0.0.1', '--web-ip', '127.0.0.1', ...ports, '--mail-directory', folder];
    this.process = spawnProcess(script, { args });
    await eventually(async () => (await this.mails()).length >= 0, { timeoutMs: 60_000, describe: 'the mail catcher' });
  }

  async stop(): Promise<void> {
    await this.process?.kill('SIGKILL');
  }

  async mails(): Promise<z.output<typeof caught>> {
    const response = await fetch(`http://127.0.0.1:${this.webPort}/api/email`);
    return caught.parse(await response.json());
  }
}
