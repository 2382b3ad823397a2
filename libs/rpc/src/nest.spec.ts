import { defineRpc, ProblemError, type ContextOf, type RequestContext, type RequestOf } from '#libs/contracts';
import { currentContext } from '#libs/observability';
import { testRedis } from '#libs/testing';
import {
  Catch,
  Controller,
  Inject,
  Injectable,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { map, throwError, type Observable } from 'rxjs';
import { z } from 'zod';
import { contextOf, Started } from '../test/replicas';
import { Handles } from './handles';
import type { RpcClient } from './rpc-client';

const shape = {
  access: 'public',
  request: z.strictObject({ text: z.string() }),
  response: z.strictObject({ text: z.string() }),
} as const;
const guarded = defineRpc('billing', 'guarded', { ...shape, errors: ['not_found'] });
const intercepted = defineRpc('billing', 'intercepted', { ...shape, response: z.object({ text: z.string() }) });
const filtered = defineRpc('billing', 'filtered', { ...shape, errors: ['not_found', 'rate_limited'] });
const scoped = defineRpc('billing', 'scoped', shape);
const context = defineRpc('billing', 'context', {
  access: 'user',
  request: z.strictObject({}),
  response: z.strictObject({ given: z.unknown(), current: z.unknown() }),
});

/** Sees the caller as the handler does. */
class EnglishOnly implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    if (execution.switchToRpc().getContext<RequestContext>().locale === 'en') return true;
    throw new ProblemError('not_found');
  }
}

class Shouting implements NestInterceptor {
  intercept(_execution: ExecutionContext, next: CallHandler<{ text: string }>): Observable<unknown> {
    return next.handle().pipe(map(({ text }) => ({ text: text.toUpperCase(), secret: 'never leaves' })));
  }
}

class RowMissing extends Error {}
class Throttled extends Error {}

@Catch(RowMissing)
class RowMissingFilter implements ExceptionFilter {
  catch(): Observable<never> {
    return throwError(() => new ProblemError('not_found'));
  }
}

@Catch(Throttled)
class ThrottledFilter implements ExceptionFilter {
  catch(_error: Throttled, _host: ArgumentsHost): Observable<never> {
    return throwError(() => new ProblemError('rate_limited', { retryAfterSeconds: 3 }));
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  private static made = 0;
  readonly number = ++PerRequest.made;
}

@Controller()
class Handlers {
  @Handles(guarded)
  @UseGuards(EnglishOnly)
  async guarded({ text }: RequestOf<typeof guarded>) {
    return { text };
  }

  @Handles(intercepted)
  @UseInterceptors(Shouting)
  async intercepted({ text }: RequestOf<typeof intercepted>) {
    return { text };
  }

  @Handles(filtered)
  @UseFilters(RowMissingFilter)
  async filtered({ text }: RequestOf<typeof filtered>): Promise<{ text: string }> {
    if (text === 'row') throw new RowMissing();
    if (text === 'throttle') throw new Throttled();
    throw new ProblemError('not_found', { detail: 'as it was thrown' });
  }

  @Handles(context)
  async context(_input: RequestOf<typeof context>, given: ContextOf<typeof context>) {
    return { given, current: currentContext() };
  }
}

@Controller()
class ScopedHandler {
  constructor(@Inject(PerRequest) private readonly perRequest: PerRequest) {}

  @Handles(scoped)
  async scoped(_input: RequestOf<typeof scoped>) {
    return { text: String(this.perRequest.number) };
  }
}

describe("Nest's features in RPC handlers", () => {
  const started = new Started();
  let client: RpcClient;

  beforeAll(async () => {
    const redis = { url: (await testRedis()).url, name: 'test' };
    await started.replica({
      redis,
      contracts: [guarded, intercepted, filtered, scoped, context],
      controllers: [Handlers, ScopedHandler],
      providers: [PerRequest, { provide: APP_FILTER, useClass: ThrottledFilter }],
    });
    client = await started.client({ redis });
  });
  afterAll(() => started.end());

  it('let a guard see the caller and refuse it with a typed error', async () => {
    await expect(client.call(guarded, { text: 'a' })).resolves.toEqual({ text: 'a' });
    const french = { context: contextOf({ locale: 'fr' }) };
    await expect(client.call(guarded, { text: 'a' }, french)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('let an interceptor change the response before the contract validates it', async () => {
    await expect(client.call(intercepted, { text: 'a' })).resolves.toEqual({ text: 'A' });
  });

  it('let filters of a method and of the application translate the errors they catch, and leave others unchanged', async () => {
    await expect(client.call(filtered, { text: 'row' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(client.call(filtered, { text: 'throttle' })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 3,
    });
    await expect(client.call(filtered, { text: '' })).rejects.toThrow('as it was thrown');
  });

  it('create a request-scoped handler for each request', async () => {
    const first = await client.call(scoped, { text: '' });
    expect(await client.call(scoped, { text: '' })).not.toEqual(first);
  });

  it('run the handler in the complete context of the caller', async () => {
    const id = '0198c0de-0000-7000-8000-000000000000';
    const caller = contextOf({
      requestId: 'abc',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      actor: { kind: 'session', userId: id, sessionId: id, authenticatedAt: 0, organizationId: id, roles: ['support'] },
      locale: 'de-CH',
      client: { ip: '::1', userAgent: 'jest', deviceId: null },
    });
    const seen = await client.call(context, {}, { context: caller });
    expect(seen.given).toEqual(caller);
    expect(seen.current).toEqual(caller);
  });
});
