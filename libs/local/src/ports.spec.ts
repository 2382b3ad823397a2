import { createServer, type Server } from 'node:net';
import { freePort, isFree, PortChooser, PortTakenError } from './ports';
import { choosePorts } from '../../../tools/suite/suite-ports';

function listen(host: string): Promise<{ port: number; server: Server }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve({ port: address.port, server });
    });
  });
}

describe('a port', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('is not free if another program listens on it at %s', async (host) => {
    const { port, server } = await listen(host);
    expect(await isFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree(port)).toBe(true);
  });

  it('is chosen below the ephemeral ranges', async () => {
    expect(await freePort()).toBeLessThan(32_768);
  });
});

describe('PortChooser', () => {
  it('returns the preferred port while it is free, and each port only once', async () => {
    const preferred = await freePort();
    const ports = new PortChooser();
    expect(await ports.choose('PORT', preferred)).toBe(preferred);
    expect(await ports.choose('PORT', preferred)).not.toBe(preferred);
  });

  it('returns a free port when the preferred one is in use', async () => {
    const { port, server } = await listen('127.0.0.1');
    const given = await new PortChooser().choose('PORT', port);
    expect(given).not.toBe(port);
    expect(await isFree(given)).toBe(true);
    server.close();
  });

  it('refuses an explicit port that is in use, and names its variable', async () => {
    const { port, server } = await listen('127.0.0.1');
    const choosing = new PortChooser().choose('PORT', 3_000, port);
    await expect(choosing).rejects.toThrow(PortTakenError);
    await expect(choosing).rejects.toThrow(`PORT=${port}`);
    server.close();
  });

  it('distinguishes a port without permission from one that is in use', () => {
    expect(new PortTakenError('PORT', 80, 'EACCES').message).toContain('PORT=80, but this account may not listen');
    expect(new PortTakenError('PORT', 80, 'EADDRINUSE').message).toContain('another program listens on port 80');
  });

  it('returns each port only once in anywhere mode', async () => {
    const ports = new PortChooser(true);
    const given = new Set<number>();
    // Enough calls that chance alone would return some ports twice.
    for (let i = 0; i < 600; i++) given.add(await ports.choose('PORT', 3_000));
    expect(given.size).toBe(600);
  });

  it('avoids the preferred port in anywhere mode', async () => {
    const preferred = await freePort();
    expect(await new PortChooser(true).choose('PORT', preferred)).not.toBe(preferred);
  });

  it("gives an explicit setting priority over another service's default port", async () => {
    const wanted = 3_000;
    // A program on this machine may use it.
    const free = await isFree(wanted);
    const chosen = choosePorts({ SMTP_PORT: wanted }, 1, false);
    if (free) expect(await chosen).toMatchObject({ smtp: wanted });
    else await expect(chosen).rejects.toThrow('SMTP_PORT');
  });
});
