import { z } from 'zod';
import {
  fieldErrors,
  auditFilter,
  changeMemberRole,
  defineEvent,
  defineRpc,
  eventContractNamed,
  eventContractsFor,
  isErrorCode,
  login,
  mail,
  mailRequested,
  register,
  requestContext,
  rpcContractsOf,
  serviceNames,
  updateProfile,
  type RpcContract,
} from './index';

const contracts = serviceNames.flatMap((service) => rpcContractsOf(service));
const events = new Set(serviceNames.flatMap((service) => eventContractsFor(service)));

describe('every RPC contract', () => {
  it.each(contracts.map((contract) => [contract.name, contract] as const))('is complete: %s', (name, contract) => {
    expect(name).toBe(`${contract.service}.${name.split('.')[1]}`);
    expect(contract.timeoutMs).toBeGreaterThan(0);
    expect(contract.timeoutMs).toBeLessThanOrEqual(30_000);
    for (const code of contract.errors) expect(isErrorCode(code)).toBe(true);
    expect(new Set(contract.errors).size).toBe(contract.errors.length);
  });

  it.each(contracts.map((contract) => [contract.name, contract] as const))(
    'has an OpenAPI schema: %s',
    (_name, { request, response }) => {
      expect(z.toJSONSchema(request, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false });
      expect(() => z.toJSONSchema(response, { io: 'output' })).not.toThrow();
    },
  );

  it.each(contracts.map((contract) => [contract.name, contract] as const))(
    'refuses unknown fields and anything but an object: %s',
    (_name, { request }) => {
      const hostile: unknown[] = [null, [], '', 0, true, { unknown: 1 }, JSON.parse('{"__proto__": {"admin": true}}')];
      for (const input of hostile) expect(request.safeParse(input).success).toBe(false);
    },
  );
});

describe('an id in uppercase', () => {
  const inCapitals = '0199AAAA-BBBB-7CCC-8DDD-EEEEFFFF0000';

  it.each(contracts.map((contract) => [contract.name, contract] as const))(
    'is converted to lowercase by %s',
    (_name, { request }) => {
      // Keyed by path, because a derived schema and its source are both visited, in either order.
      const found = new Map<string, unknown[]>();
      z.toJSONSchema(request, {
        io: 'input',
        override: ({ zodSchema, jsonSchema, path }) => {
          if (jsonSchema.format !== 'uuid') return;
          const place = path.join('/');
          found.set(place, [...(found.get(place) ?? []), z.safeParse(zodSchema, inCapitals).data]);
        },
      });
      for (const read of found.values()) expect(read).toContain(inCapitals.toLowerCase());
    },
  );

  it('is converted to lowercase as a role id and as the target of an audit filter', () => {
    const organizationId = inCapitals;
    const id = inCapitals.toLowerCase();
    const change = { organizationId, userId: inCapitals, role: inCapitals };
    expect(changeMemberRole.request.parse(change)).toEqual({ organizationId: id, userId: id, role: id });
    expect(auditFilter.parse({ actor: inCapitals, target: inCapitals })).toEqual({ actor: id, target: id });
    expect(auditFilter.parse({ target: 'In Capitals' })).toEqual({ target: 'In Capitals' });
  });
});

describe('defineRpc', () => {
  const request = z.strictObject({});

  it('refuses a second contract with the same name', () => {
    defineRpc('billing', 'testOnlyOnce', { access: 'public', request, response: z.null() });
    expect(() => defineRpc('billing', 'testOnlyOnce', { access: 'user', request, response: z.null() })).toThrow(
      'billing.testOnlyOnce is declared twice',
    );
  });

  it('defaults to a timeout of five seconds and no errors', () => {
    const contract = defineRpc('billing', 'testDefaults', { access: 'public', request, response: z.null() });
    expect(contract).toMatchObject({ name: 'billing.testDefaults', timeoutMs: 5_000, errors: [] });
    expect(rpcContractsOf('billing')).toContain(contract);
    expect(rpcContractsOf('auth')).not.toContain(contract);
  });
});

describe('defineEvent', () => {
  it('refuses a second contract with the same name', () => {
    defineEvent('test.declared_once', { subscribers: ['billing'], payload: z.null(), confidential: false });
    expect(() =>
      defineEvent('test.declared_once', { subscribers: ['auth'], payload: z.null(), confidential: false }),
    ).toThrow('test.declared_once is declared twice');
  });

  it('finds events by name and by subscriber', () => {
    expect(eventContractNamed('mail.requested')).toBe(mailRequested);
    expect(eventContractsFor('notification')).toContain(mailRequested);
    expect(eventContractsFor('billing')).not.toContain(mailRequested);
    for (const name of ['', 'toString', '__proto__']) expect(eventContractNamed(name)).toBeUndefined();
  });

  it('accepts only names like noun.past_participle', () => {
    for (const { name } of events) expect(name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
  });

  it('marks events with an email address, hash or link as confidential', () => {
    for (const { name, payload, confidential } of events) {
      const fields = JSON.stringify(z.toJSONSchema(payload, { io: 'input' }));
      if (/"(email|to|password\w*|url|token)":/.test(fields))
        expect({ name, confidential }).toEqual({ name, confidential: true });
    }
  });
});

describe('contracts and their input', () => {
  const registration = { email: ' Ada@Example.com', password: 'correct horse', name: '  Ada   Lovelace ' };

  it('normalize the email address and name of a registration, and keep its password', () => {
    expect(register.request.parse(registration)).toEqual({
      email: 'ada@example.com',
      password: 'correct horse',
      name: 'Ada Lovelace',
    });
  });

  it('name each invalid field of a registration', () => {
    const { error } = register.request.safeParse({ email: 'ada', password: 'short', name: '', role: 'admin' });
    expect(fieldErrors(error?.issues ?? []).map(({ path, code }) => [path, code])).toEqual([
      ['email', 'email_invalid'],
      ['password', 'password_too_short'],
      ['name', 'too_small'],
      ['role', 'unknown_field'],
    ]);
  });

  it('never repeat a password in an error', () => {
    const { error } = login.request.safeParse({ email: 'ada@example.com', password: 'hunter2'.repeat(200) });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('refuse a profile update without a change', () => {
    expect(updateProfile.request.safeParse({}).error?.issues).toMatchObject([
      { message: 'Send at least one field to change.' },
    ]);
    expect(updateProfile.request.parse({ avatarUrl: null })).toEqual({ avatarUrl: null });
    for (const name of [undefined, null]) expect(updateProfile.request.safeParse({ name }).success).toBe(false);
  });

  it("require exactly the fields of an email's template", () => {
    const verify = { template: 'verify-email', name: 'Ada', url: 'https://a.test/#token=x', expiresInHours: 24 };
    expect(mail.safeParse(verify).success).toBe(true);
    for (const wrong of [
      { ...verify, html: '<b>' },
      { ...verify, url: 'x' },
      { ...verify, template: 'already-registered' },
      { template: 'x' },
    ]) {
      expect(mail.safeParse(wrong).success).toBe(false);
    }
  });

  it('limit the size of a request context', () => {
    const context = { requestId: 'r', traceparent: null, actor: null, locale: 'en', client: null };
    expect(requestContext.safeParse(context).success).toBe(true);
    const hostile = [
      { requestId: '' },
      { requestId: 'r'.repeat(129) },
      { traceparent: 'x'.repeat(65) },
      { locale: 'e' },
      { client: { ip: 'x'.repeat(65), userAgent: '', deviceId: null } },
      {
        actor: {
          kind: 'session',
          userId: 'me',
          sessionId: 'mine',
          authenticatedAt: 0,
          organizationId: null,
          roles: [],
        },
      },
    ];
    for (const change of hostile) expect(requestContext.safeParse({ ...context, ...change }).success).toBe(false);
  });

  it('check hostile input of any length quickly', () => {
    const long = ['a', ' ', '@', 'ß', 'ﷺ', 'a@', '\u0301'].map((part) => part.repeat(1_000_000));
    const requests: RpcContract['request'][] = [register.request, login.request];
    for (const text of long) {
      for (const request of requests) {
        expect(request.safeParse({ email: text, password: text, name: text }).success).toBe(false);
      }
    }
  });
});
