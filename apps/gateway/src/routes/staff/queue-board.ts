import { ProblemError, serviceNames } from '#libs/contracts';
import { Queues } from '#libs/jobs';
import type { createBullBoard } from '@bull-board/api';
import { Injectable } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardFolder } from '../pages/page-files';

type ServerAdapter = Parameters<typeof createBullBoard>[0]['serverAdapter'];
type Settings<Name extends keyof ServerAdapter> = Parameters<ServerAdapter[Name]>[0];
type ApiRoute = Settings<'setApiRoutes'>[number];

export const boardPath = '/admin/queues/';

/** Replaces the board's own server. The gateway's routes, limits and guards come first, and only GET is allowed. */
class BoardRoutes implements ServerAdapter {
  private queues: Settings<'setQueues'> = new Map();
  private uiConfig: Settings<'setUIConfig'> = {};
  private routes: readonly { readonly pattern: RegExp; readonly respond: ApiRoute['handler'] }[] = [];

  setQueues(queues: Settings<'setQueues'>): this {
    this.queues = queues;
    return this;
  }

  setUIConfig(config: Settings<'setUIConfig'>): this {
    this.uiConfig = config;
    return this;
  }

  setApiRoutes(routes: Settings<'setApiRoutes'>): this {
    const readable = routes.filter(({ method }) => [method].flat().includes('get'));
    this.routes = readable.flatMap((api) =>
      [api.route].flat().map((path) => ({ pattern: patternOf(path), respond: (request) => api.handler(request) })),
    );
    return this;
  }

  setViewsPath(): this {
    return this;
  }

  setStaticPath(): this {
    return this;
  }

  setEntryRoute(): this {
    return this;
  }

  setErrorHandler(): this {
    return this;
  }

  /**
   * @param path such as `/api/queues`
   * @throws ProblemError `not_found`
   */
  async read(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    for (const { pattern, respond } of this.routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const request = {
        queues: this.queues,
        uiConfig: this.uiConfig,
        query,
        params: { ...match.groups },
        body: {},
        headers: {},
      };
      const { status = 200, body } = await respond(request);
      if (status !== 200) throw new ProblemError('not_found');
      return body;
    }
    throw new ProblemError('not_found');
  }

  configuration(): string {
    // Inside a script element, no text must be able to end the element.
    return JSON.stringify(this.uiConfig).replaceAll('<', String.raw`\u003c`);
  }
}

/** BullMQ's dashboard, read-only: dead letters are handled by audited routes. Loaded on the first request. */
@Injectable()
export class QueueBoard {
  private routes: Promise<BoardRoutes> | undefined;
  private page: string | undefined;

  constructor(private readonly queues: Queues) {}

  /** @throws ProblemError `not_found` */
  async read(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    return (await this.board()).read(path, query);
  }

  /** Returns the page without inline scripts or styles and without external files. */
  async html(): Promise<string> {
    this.page ??= pageWith((await this.board()).configuration());
    return this.page;
  }

  private board(): Promise<BoardRoutes> {
    this.routes ??= this.open();
    return this.routes;
  }

  private async open(): Promise<BoardRoutes> {
    const [{ createBullBoard }, { BullMQAdapter }] = await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
    ]);
    const kinds = ['events', 'jobs', 'schedules'] as const;
    const queues = serviceNames.flatMap((service) => kinds.map((kind) => this.queues.of(service, kind)));
    const routes = new BoardRoutes();
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
      serverAdapter: routes,
      options: { uiConfig: { boardTitle: 'Queues' } },
    });
    return routes;
  }
}

function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}

/** Uses the file names of styles and scripts that its own page has. */
function pageWith(configuration: string): string {
  const template = readFileSync(join(boardFolder, 'index.ejs'), 'utf8');
  const styles = template.match(/<link href="static\/css\/[\w.-]+" rel="stylesheet">/g) ?? [];
  const scripts = template.match(/<script defer src="static\/js\/[\w.-]+"><\/script>/g) ?? [];
  return [
    '<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="robots" content="noindex">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<base href="${boardPath}"><title>Queues</title><link rel="icon" type="image/svg+xml" href="static/images/logo.svg">`,
    ...styles,
    `</head><body><script id="__UI_CONFIG__" type="application/json">${configuration}</script><div id="root"></div>`,
    ...scripts,
    '</body></html>',
  ].join('\n');
}
