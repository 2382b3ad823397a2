import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Next to the sources and not copied by the compiler, so it is also found from `dist/`. */
const root = packageFolder(__dirname);
export const assetsFolder = join(root, 'apps/gateway/assets');
/** Its main module would load all of Swagger UI into this process. */
const swaggerFolder = join(root, 'node_modules/swagger-ui-dist');

/** The built files of the queue dashboard. */
export const boardFolder = join(root, 'node_modules/@bull-board/ui/dist');

const publicAssets = /^\/(page\.css|token-page\.js|invitation\.js|docs\.js)$/;
const swaggerFiles = /^\/swagger-ui(-bundle\.js|\.css)$/;

/** Serves the scripts and styles of our pages and of Swagger UI. */
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
  // Public files of a library. Access to the queues is checked in the routes that these call.
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
