import { ProblemError } from '#libs/contracts';
import type { Busboy, BusboyFileStream } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { finished } from 'node:stream';

export const longestFile = 5 * 1_024 * 1_024;
/** What the form adds to the file: two boundaries and a part's headers. */
const longestFrame = 16_384;
const fieldName = 'file';

const limits = { files: 1, fields: 1, fieldSize: 128, fileSize: longestFile, headerPairs: 16, headerSize: 4_096 };

/**
 * Reads the single file of a form (RFC 7578) into memory. Ignores its name and declared type.
 * @throws ProblemError unsupported_media_type, payload_too_large, malformed_request, validation_failed
 */
export async function readUpload(request: FastifyRequest): Promise<Buffer> {
  const { 'content-type': type = '', 'content-length': length = '0' } = request.headers;
  if (!/^multipart\/form-data\b/i.test(type)) {
    const detail = `This route accepts multipart/form-data with one file. Send the file as the field ${fieldName}.`;
    throw new ProblemError('unsupported_media_type', { detail });
  }
  if (Number(length) > longestFile + longestFrame) throw tooLarge();
  const { Busboy } = await import('@fastify/busboy');
  const form = formOf(() => new Busboy({ headers: { ...request.headers, 'content-type': type }, limits }));
  return receive(request.raw, form);
}

type Form = InstanceType<typeof Busboy>;

/** The parser throws immediately if the type has no boundary. */
function formOf(make: () => Form): Form {
  try {
    return make();
  } catch (error) {
    throw new ProblemError('malformed_request', { cause: error });
  }
}

function receive(body: FastifyRequest['raw'], form: Form): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let content: Buffer[] | undefined;
    const refuse = (problem: ProblemError) => {
      // Reads and drops the rest, up to the request's timeout, because closing the connection would lose the
      // response.
      body.unpipe(form).resume();
      content = undefined;
      reject(problem);
    };
    const damaged = (cause: unknown) => refuse(new ProblemError('malformed_request', { cause }));
    form.on('file', (name, file) => {
      file.on('error', damaged);
      if (name !== fieldName) return refuse(unwanted(name));
      content = [];
      collect(file, content, () => refuse(tooLarge()));
    });
    form.on('field', (name) => refuse(unwanted(name)));
    form.on('filesLimit', () => refuse(invalid(fieldName, 'too_many', 'One file at a time.')));
    form.on('error', damaged);
    form.on('finish', () => {
      if (content === undefined)
        return refuse(invalid(fieldName, 'required', 'Send one file, in a field of this name.'));
      resolve(Buffer.concat(content));
    });
    body.pipe(form);
    // The client has disconnected, perhaps before this point, or takes too long.
    finished(body, { writable: false }, (error) => {
      if (error) damaged(error);
    });
  });
}

function collect(file: BusboyFileStream, content: Buffer[], onLimit: () => void): void {
  file.on('data', (chunk: Buffer) => content.push(chunk));
  file.on('limit', onLimit);
}

function tooLarge(): ProblemError {
  return new ProblemError('payload_too_large', { detail: 'The file is larger than 5 MB. Send a smaller one.' });
}

function unwanted(name = ''): ProblemError {
  // The cut can leave half a surrogate pair, which strict JSON parsers refuse.
  return invalid(name.slice(0, 100).toWellFormed(), 'unknown_field', `Send nothing but one file, named ${fieldName}.`);
}

function invalid(path: string, code: string, message: string): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ path, code, message }] });
}
