import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../..');

/** The errors of a handler with this method, as `npm run typecheck` would print them. */
function errorsOf(method: string): string[] {
  const file = join(__dirname, 'handles.snippet.ts');
  const source = `
    import { defineRpc, type ContextOf, type RequestOf } from '#libs/contracts';
    import { z } from 'zod';
    import { Handles } from './handles';
    const contract = defineRpc('billing', 'typed', {
      access: 'user',
      request: z.strictObject({ name: z.string(), limit: z.int().default(20) }),
      response: z.strictObject({ id: z.string() }),
    });
    const open = defineRpc('billing', 'open', { access: 'public', request: z.null(), response: z.null() });
    export class Handlers { ${method} }
    export type Used = [ContextOf<typeof contract>, RequestOf<typeof open>];`;
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, ts.ScriptTarget.ES2024) : getSourceFile(path, ...rest);
  const program = ts.createProgram([file], options, host);
  const snippet = program.getSourceFile(file);
  return program
    .getSemanticDiagnostics(snippet)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('The compiler', () => {
  it('accepts a handler that takes what the contract gives, and answers what it asks', () => {
    expect(
      errorsOf(`
        @Handles(contract) async a({ name, limit }: RequestOf<typeof contract>, { actor }: ContextOf<typeof contract>) {
          const count: number = limit;
          return { id: actor.userId + name + count };
        }
        @Handles(open) async b() { return null; }`),
    ).toEqual([]);
  });

  it.each([
    [
      'another input',
      '@Handles(contract) async a(input: { name: number }) { return { id: String(input.name) }; }',
      /number/,
    ],
    ['another answer', '@Handles(contract) async a() { return { id: 7 }; }', /number/],
    ['an answer without a field', '@Handles(contract) async a() { return {}; }', /id/],
    ['an answer that nobody awaits', '@Handles(contract) a() { return { id: "x" }; }', /Promise/],
    [
      'an actor that a public contract does not promise',
      '@Handles(open) async a(_: null, { actor }: ContextOf<typeof contract>) { actor.userId; return null; }',
      /actor/,
    ],
  ])('refuses a handler with %s', (_, method, message) => {
    const errors = errorsOf(method);
    expect(errors).not.toEqual([]);
    expect(errors.join('\n')).toMatch(message);
  });
});
