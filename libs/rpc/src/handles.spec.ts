import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../..');

const fitting = `
  @Handles(contract) async a({ name, limit }: RequestOf<typeof contract>, { actor }: ContextOf<typeof contract>) {
    const count: number = limit;
    return { id: actor.userId + name + count };
  }
  @Handles(open) async b() { return null; }`;

const unfitting: [string, string, RegExp][] = [
  [
    'another input',
    '@Handles(contract) async a(input: { name: number }) { return { id: String(input.name) }; }',
    /number/,
  ],
  ['another response', '@Handles(contract) async a() { return { id: 7 }; }', /number/],
  ['a response without a field', '@Handles(contract) async a() { return {}; }', /id/],
  ['a response that is not a promise', '@Handles(contract) a() { return { id: "x" }; }', /Promise/],
  [
    'an actor that a public contract does not promise',
    '@Handles(open) async a(_: null, { actor }: ContextOf<typeof contract>) { actor.userId; return null; }',
    /actor/,
  ],
];

const sourceWith = (method: string) => `
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

/** Compiles one program for all methods, because they share most of the work. */
function programOf(methods: readonly string[]): (method: string) => string[] {
  const fileOf = (method: string) => join(__dirname, `handles.snippet${methods.indexOf(method)}.ts`);
  const sources = new Map(methods.map((method) => [fileOf(method), sourceWith(method)]));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.getSourceFile = (path, ...rest) => {
    const source = sources.get(path);
    return source === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, source, ts.ScriptTarget.ES2024);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return (method) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(fileOf(method)))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('The compiler', () => {
  /** The errors of a handler with this method, as `npm run typecheck` prints them. */
  let errorsOf: (method: string) => string[];
  beforeAll(() => (errorsOf = programOf([fitting, ...unfitting.map(([, method]) => method)])));

  it("accepts a handler that takes the contract's request and returns its response", () => {
    expect(errorsOf(fitting)).toEqual([]);
  });

  it.each(unfitting)('refuses a handler with %s', (_, method, message) => {
    const errors = errorsOf(method);
    expect(errors).not.toEqual([]);
    expect(errors.join('\n')).toMatch(message);
  });
});
