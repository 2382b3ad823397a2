import { defineRpc, ProblemError, type Actor, type ContextOf, type RequestOf } from '#libs/contracts';
import { testRedis } from '#libs/testing';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { contextOf, Started } from '../test/replicas';
import { Handles } from './handles';
import type { RpcClient } from './rpc-client';

const nothing = z.strictObject({});
const lookUp = defineRpc('billing', 'lookUp', {
  access: 'public',
  request: z.strictObject({ id: z.string().min(2), tags: z.array(z.string()).default([]) }),
  response: z.object({ id: z.string(), tags: z.array(z.string()) }),
  errors: ['not_found', 'rate_limited'],
});
const fail = defineRpc('billing', 'fail', {
  access: 'public',
  request: z.strictObject({ how: z.string() }),
  response: z.null(),
  errors: [],
});
const whoAmI = defineRpc('billing', 'whoAmI', {
  access: 'user',
  request: nothing,
  response: z.strictObject({ userId: z.string() }),
});
const read = defineRpc('billing', 'read', {
  access: 'user',
  scope: 'profile:read',
  request: nothing,
  response: z.null(),
});
const destroy = defineRpc('billing', 'destroy', {
  access: 'recent',
  scope: 'profile:write',
  request: nothing,
  response: z.null(),
});
const large = defineRpc('billing', 'large', {
  access: 'public',
  request: z.strictObject({ padding: z.string() }),
  response: z.string(),
});

const thrown: Readonly<Record<string, unknown>> = {
  undeclared: new ProblemError('not_found', { detail: 'row 7 of table secrets' }),
  error: new Error('password is hunter2'),
  string: 'hunter2',
  nothing: undefined,
  circular: Object.assign(new Error('loop'), { self: globalThis }),
};

const id = '0198c0de-0000-7000-8000-000000000000';
const bystander = { userId: id, organizationId: null, roles: [] };
const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds;
const signedIn = (authenticatedAt = secondsAgo(0)): Actor => ({
  kind: 'session',
  sessionId: id,
  authenticatedAt,
  ...bystander,
});
const apiKey = (...scopes: string[]): Actor => ({ kind: 'api_key', apiKeyId: id, scopes, ...bystander });

@Controller()
class Handlers {
  @Handles(read)
  async read() {
    return null;
  }

  @Handles(destroy)
  async destroy() {
    return null;
  }

  @Handles(lookUp)
  async lookUp({ id, tags }: RequestOf<typeof lookUp>) {
    if (id === 'missing') throw new ProblemError('not_found', { detail: 'No such thing.', cause: new Error('hidden') });
    if (id === 'often') throw new ProblemError('rate_limited', { retryAfterSeconds: 7 });
    if (id === 'taken') {
      const errors = [{ path: 'id', code: 'taken', message: 'Choose another.' }];
      throw new ProblemError('validation_failed', { errors });
    }
    return { id, tags, passwordHash: 'never leaves' };
  }

  @Handles(fail)
  async fail({ how }: RequestOf<typeof fail>): Promise<null> {
    throw thrown[how];
  }

  @Handles(whoAmI)
  async whoAmI(_input: RequestOf<typeof whoAmI>, { actor }: ContextOf<typeof whoAmI>) {
    return { userId: actor.userId };
  }

  @Handles(large)
  async large({ padding }: RequestOf<typeof large>) {
    return padding.repeat(2);
  }
}

describe('A call', () => {
  const started = new Started();
  let client: RpcClient;

  beforeAll(async () => {
    const redis = { url: (await testRedis()).url, name: 'test' };
    await started.replica({ redis, contracts: [lookUp, fail, whoAmI, read, destroy, large], controllers: [Handlers] });
    client = await started.client({ redis });
  });
  afterAll(() => started.end());

  const refusal = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      (result) => expect(result).toBe('a refusal'),
      (error: unknown) => error,
    );

  it("returns the response, with the request's defaults applied", async () => {
    await expect(client.call(lookUp, { id: 'abc' })).resolves.toEqual({ id: 'abc', tags: [] });
  });

  it('never returns a field that the contract does not name', async () => {
    await expect(client.call(lookUp, { id: 'abc' })).resolves.not.toHaveProperty('passwordHash');
  });

  it('fails with a declared error including code, detail, fields and retry time, but without its cause', async () => {
    const missing = await refusal(client.call(lookUp, { id: 'missing' }));
    expect(missing).toBeInstanceOf(ProblemError);
    expect(missing).toMatchObject({ code: 'not_found', status: 404 });
    expect(missing).toHaveProperty('message', 'No such thing.');
    expect(missing).not.toHaveProperty('cause');
    expect(await refusal(client.call(lookUp, { id: 'often' }))).toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 7,
    });
    expect(await refusal(client.call(lookUp, { id: 'taken' }))).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'id', code: 'taken', message: 'Choose another.' }],
    });
  });

  it.each(Object.keys(thrown))(
    'fails with internal_error and an error id, and nothing else, when the handler throws: %s',
    async (how) => {
      const error = await refusal(client.call(fail, { how }));
      expect(error).toMatchObject({ code: 'internal_error', errors: undefined });
      expect(String(error)).toMatch(/error id [0-9a-f-]{8,}/);
      expect(JSON.stringify(error) + String(error)).not.toMatch(/hunter2|secrets|loop/);
    },
  );

  it('is validated again in the service, with every invalid field named and no value repeated', async () => {
    // A caller of another version could send this.
    const input: { id: string } = JSON.parse('{"id":"x","tags":[1],"extra":"hunter2"}');
    const error = await refusal(client.call(lookUp, input));
    expect(error).toMatchObject({ code: 'validation_failed' });
    expect(error).toHaveProperty(
      'errors',
      expect.arrayContaining([
        expect.objectContaining({ path: 'id', code: 'too_small' }),
        expect.objectContaining({ path: 'tags.0', code: 'invalid_type' }),
        expect.objectContaining({ path: 'extra', code: 'unknown_field' }),
      ]),
    );
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('fails in the service itself when a contract for users gets no actor', async () => {
    expect(await refusal(client.call(whoAmI, {}))).toMatchObject({ code: 'unauthenticated', status: 401 });
    const actor = signedIn();
    await expect(client.call(whoAmI, {}, { context: contextOf({ actor }) })).resolves.toEqual({ userId: id });
  });

  it('with an API key needs the scope that the contract names, and fails if it names none', async () => {
    const as = (actor: Actor) => ({ context: contextOf({ actor }) });
    await expect(client.call(read, {}, as(apiKey('profile:read')))).resolves.toBeNull();
    for (const key of [apiKey(), apiKey('profile:write'), apiKey('profile:rea', 'profile'), apiKey('*')]) {
      expect(await refusal(client.call(read, {}, as(key)))).toMatchObject({ code: 'insufficient_scope', status: 403 });
    }
    expect(await refusal(client.call(whoAmI, {}, as(apiKey('profile:read'))))).toMatchObject({
      code: 'insufficient_scope',
    });
  });

  it('to a sensitive contract needs a sign-in within the last ten minutes and refuses API keys', async () => {
    const as = (actor: Actor) => ({ context: contextOf({ actor }) });
    await expect(client.call(destroy, {}, as(signedIn(secondsAgo(595))))).resolves.toBeNull();
    for (const actor of [signedIn(secondsAgo(600)), signedIn(secondsAgo(-120)), apiKey('profile:write')]) {
      expect(await refusal(client.call(destroy, {}, as(actor)))).toMatchObject({
        code: 'reauthentication_required',
        status: 403,
      });
    }
    expect(await refusal(client.call(destroy, {}))).toMatchObject({ code: 'unauthenticated' });
  });

  it('refuses a request over one megabyte before sending it, and turns a larger response into internal_error', async () => {
    expect(await refusal(client.call(large, { padding: 'x'.repeat(1_048_576) }))).toMatchObject({
      code: 'payload_too_large',
    });
    expect(await refusal(client.call(large, { padding: 'x'.repeat(600_000) }))).toMatchObject({
      code: 'internal_error',
    });
    await expect(client.call(large, { padding: 'ü'.repeat(200_000) })).resolves.toHaveLength(400_000);
  });
});
