import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fieldRules } from '#libs/validation';
import { errorCatalogue } from './error-catalogue';
import { errorCodes, isErrorCode, ProblemError } from './errors';

const page = readFileSync(resolve(__dirname, '../../../docs/errors.md'), 'utf8');

/** Parses the sections of docs/errors.md. Each has the code, `status · title`, the detail and advice. */
function documented() {
  const [catalogue = ''] = page.split('\n## Field codes\n');
  return catalogue
    .split(/^## /m)
    .slice(1)
    .map((section) => section.split(/\n{2,}/).map((paragraph) => paragraph.trim().replaceAll('\n', ' ')))
    .map(([code, heading, detail, ...advice]) => ({ code, heading, detail, advice: advice.join(' ') }));
}

describe('the error catalogue', () => {
  it('matches docs/errors.md, in the same order', () => {
    expect(documented().map(({ code, heading, detail }) => ({ code, heading, detail }))).toEqual(
      Object.entries(errorCatalogue).map(([code, { status, title, detail }]) => ({
        code,
        heading: `${status} · ${title}`,
        detail,
      })),
    );
  });

  it('has advice for each code on the page', () => {
    for (const { code, advice } of documented())
      expect({ code, words: advice.split(' ').length }).not.toMatchObject({ words: 1 });
  });

  it('has stable codes in snake_case, error statuses, and details that say what to do', () => {
    for (const [code, { status, title, detail }] of Object.entries(errorCatalogue)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).not.toMatch(/\.$/);
      expect(detail.match(/[.!?](?= |$)/g)?.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('is sorted by status', () => {
    const statuses = Object.values(errorCatalogue).map(({ status }) => status);
    expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
  });

  it('contains its own codes and nothing from the prototype', () => {
    expect(errorCodes).toEqual(Object.keys(errorCatalogue));
    for (const value of [
      '',
      'toString',
      '__proto__',
      'constructor',
      'NOT_FOUND',
      404,
      null,
      undefined,
      ['not_found'],
      {},
    ]) {
      expect(isErrorCode(value)).toBe(false);
    }
  });
});

it('docs/errors.md lists every field code', () => {
  const [, table = ''] = page.split('\n## Field codes\n');
  const listed = [...table.matchAll(/`([a-z_]+)`(?=[^|\n]*\|[^|\n]*\|$)/gm)].map(([, code]) => code);
  expect(listed).toEqual(expect.arrayContaining(Object.keys(fieldRules)));
});

describe('a ProblemError', () => {
  it('takes everything but its code from the catalogue by default', () => {
    const problem = new ProblemError('token_used');
    expect(problem).toBeInstanceOf(Error);
    expect(problem).toMatchObject({
      name: 'ProblemError',
      code: 'token_used',
      status: 400,
      message: errorCatalogue.token_used.detail,
      errors: undefined,
      retryAfterSeconds: undefined,
    });
    expect('cause' in problem).toBe(false);
  });

  it('can have its own detail, field errors, retry time and cause', () => {
    const cause = new Error('the reason');
    const errors = [{ path: 'email', code: 'email_invalid', message: 'Not a valid email address.' }];
    const problem = new ProblemError('validation_failed', { detail: 'No.', errors, retryAfterSeconds: 3, cause });
    expect(problem).toMatchObject({ message: 'No.', status: 422, errors, retryAfterSeconds: 3, cause });
  });
});
