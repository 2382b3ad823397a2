import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Beside the sources, and not copied by the compiler: found from `dist/` as well. */
const root = packageFolder(__dirname);
export const assetsFolder = join(root, 'apps/gateway/assets');
/** Its main module would load the whole of Swagger UI into this process. */
const swaggerFolder = join(root, 'node_modules/swagger-ui-dist');

/** The queues' dashboard, as it is built. */
export const boardFolder = join(root, 'node_modules/@bull-board/ui/dist');

const publicAssets = /^\/(page\.css|token-page\.js|invitation\.js|docs\.js)$/;
const swaggerFiles = /^\/swagger-ui(-bundle\.js|\.css)$/;

/** Serves the scripts and styles of our pages, and those of Swagger UI. */
export async function addPageFiles(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, {
    ...shared,
    root: assetsFolder,
    prefix: '/assets/',
    allowedPath: isOneOf(publicAssets),
  });
  await server.register(fastifyStatic, {
    ...shared,
    root: swaggerFolder,
    prefix: '/docs/',
    allowedPath: isOneOf(swaggerFiles),
  });
  // A published library's files: who may see the queues is asked where these ask for them.
  await server.register(fastifyStatic, {
    ...shared,
    root: join(boardFolder, 'static'),
    prefix: '/admin/queues/static/',
  });
}

const shared = {
  decorateReply: false,
  cacheControl: false,
  setHeaders: (reply: FastifyReply) => void reply.header('cache-control', 'public, max-age=300'),
};

function isOneOf(files: RegExp) {
  return (path: string) => files.test(path);
}

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}
