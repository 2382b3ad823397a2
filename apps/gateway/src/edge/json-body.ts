import { ProblemError } from '#libs/contracts';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a file, in a form, and reads it by itself: after it has found out who sends it. */
    upload?: boolean;
  }
}

/** Bodies are JSON and nothing else: a form, which any page may send to us without asking, is refused with 415 but where files are taken. */
export function takeOnlyJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('multipart/form-data', ({ routeOptions }, _body, done) => {
    done(routeOptions.config.upload === true ? null : new ProblemError('unsupported_media_type'));
  });
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    // Many clients name the type although they send nothing, as for POST /auth/logout.
    if (text === '') return done(null);
    void parse(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(new ProblemError('malformed_json', { cause: error }));
    });
  });
}
