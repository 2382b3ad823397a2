import { getAvatar, storeAvatar } from '#libs/contracts';
import {
  actorOf,
  configFor,
  contextOf,
  startAuth,
  startServers,
  type Servers,
  type TestAuth,
} from '../../../test/auth';
import { aPicture, partsOf } from '../../../test/pictures';
import { pictureUrls } from '../picture/picture-store';

let servers: Servers;
let auth: TestAuth;
beforeAll(async () => {
  servers = await startServers();
  auth = await startAuth(servers);
});

const show = (parts: ReturnType<typeof partsOf>) => auth.rpc.call(getAvatar, parts, { context: contextOf() });
const notFound = { code: 'not_found' };

describe('a picture URL', () => {
  const stored = async () => {
    const context = contextOf({ actor: actorOf(await auth.aUser()) });
    const { picture } = await aPicture();
    return partsOf((await auth.rpc.call(storeAvatar, { picture }, { context })).avatarUrl);
  };

  it.each<[string, (parts: ReturnType<typeof partsOf>, other: string) => object]>([
    [
      'with another signature',
      ({ signature }) => ({ signature: signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }),
    ],
    ['with a signature cut short', ({ signature }) => ({ signature: signature.slice(1) })],
    ['without a signature', () => ({ signature: '' })],
    ['of another picture', (_parts, id) => ({ id })],
    ['that lasts a second longer', ({ expires }) => ({ expires: String(Number(expires) + 1) })],
    ['that writes its end otherwise', ({ expires }) => ({ expires: `0${expires}` })],
    ['in capitals', ({ id }) => ({ id: id.toUpperCase() })],
    ['that names a path', () => ({ id: '../../../../etc/passwd' })],
    ['that names a file', ({ id }) => ({ id: `${id}.webp` })],
    ['that goes up and down', ({ id }) => ({ id: `x/../${id}` })],
    ['with a zero byte', ({ id }) => ({ id: `${id}\0` })],
  ])('shows nothing %s', async (_what, change) => {
    const [parts, other] = await Promise.all([stored(), stored()]);
    await expect(show({ ...parts, ...change(parts, other.id) })).rejects.toMatchObject(notFound);
    expect(await show(parts)).toHaveProperty('picture');
  });

  it('shows nothing after it has expired', async () => {
    const parts = await stored();
    const urls = pictureUrls(configFor(servers));
    expect(await show(partsOf(urls.sign(parts.id)))).toHaveProperty('picture');
    const before = partsOf(urls.sign(parts.id, Date.now() - 901_000));
    await expect(show(before)).rejects.toMatchObject(notFound);
  });
});
