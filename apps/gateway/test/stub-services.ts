import {
  getProfile,
  getSigningKeys,
  login,
  logout,
  ProblemError,
  refresh,
  register,
  resendVerification,
  serviceHealth,
  updateProfile,
  verifyEmail,
  type ContextOf,
  type RequestOf,
  type ResponseOf,
  type RpcContract,
  type ServiceName,
  type User,
} from '#libs/contracts';
import { Handles, RpcModule, RpcServer } from '#libs/rpc';
import { Controller, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TestTokens } from './tokens';

type Answer<C extends RpcContract> = (input: RequestOf<C>, context: ContextOf<C>) => Promise<ResponseOf<C>>;

/** What the stub of auth answers: each test replaces what it is about. */
export interface AuthBehaviour {
  register: Answer<typeof register>;
  login: Answer<typeof login>;
  refresh: Answer<typeof refresh>;
  logout: Answer<typeof logout>;
  verifyEmail: Answer<typeof verifyEmail>;
  resendVerification: Answer<typeof resendVerification>;
  getProfile: Answer<typeof getProfile>;
  updateProfile: Answer<typeof updateProfile>;
  getSigningKeys: Answer<typeof getSigningKeys>;
}

export function userWith(overrides: Partial<User> = {}): User {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada Lovelace',
    avatarUrl: null,
    locale: 'en',
    mfaEnabled: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

export function agreeableAuth(tokens: TestTokens): AuthBehaviour {
  const session = async () => ({
    accessToken: await tokens.sign(),
    tokenType: 'Bearer' as const,
    expiresIn: 600,
    refreshToken: 'refresh-1',
    user: userWith(),
  });
  return {
    register: async () => ({ status: 'verification_sent' }),
    login: session,
    refresh: session,
    logout: async () => null,
    verifyEmail: session,
    resendVerification: async () => ({ status: 'verification_sent' }),
    getProfile: async (_input, { actor }) => userWith({ id: actor.userId }),
    updateProfile: async (changes) => userWith({ ...(changes.name === undefined ? {} : { name: changes.name }) }),
    getSigningKeys: async () => ({ keys: tokens.published }),
  };
}

function authController(behaviour: AuthBehaviour): Type {
  @Controller()
  class StubAuth {
    @Handles(register)
    register(input: RequestOf<typeof register>, context: ContextOf<typeof register>) {
      return behaviour.register(input, context);
    }

    @Handles(login)
    login(input: RequestOf<typeof login>, context: ContextOf<typeof login>) {
      return behaviour.login(input, context);
    }

    @Handles(refresh)
    refresh(input: RequestOf<typeof refresh>, context: ContextOf<typeof refresh>) {
      return behaviour.refresh(input, context);
    }

    @Handles(logout)
    logout(input: RequestOf<typeof logout>, context: ContextOf<typeof logout>) {
      return behaviour.logout(input, context);
    }

    @Handles(verifyEmail)
    verifyEmail(input: RequestOf<typeof verifyEmail>, context: ContextOf<typeof verifyEmail>) {
      return behaviour.verifyEmail(input, context);
    }

    @Handles(resendVerification)
    resend(input: RequestOf<typeof resendVerification>, context: ContextOf<typeof resendVerification>) {
      return behaviour.resendVerification(input, context);
    }

    @Handles(getProfile)
    getProfile(input: RequestOf<typeof getProfile>, context: ContextOf<typeof getProfile>) {
      return behaviour.getProfile(input, context);
    }

    @Handles(updateProfile)
    updateProfile(input: RequestOf<typeof updateProfile>, context: ContextOf<typeof updateProfile>) {
      return behaviour.updateProfile(input, context);
    }

    @Handles(getSigningKeys)
    keys(input: RequestOf<typeof getSigningKeys>, context: ContextOf<typeof getSigningKeys>) {
      return behaviour.getSigningKeys(input, context);
    }

    @Handles(serviceHealth.auth)
    async health(): Promise<ResponseOf<typeof serviceHealth.auth>> {
      return { status: 'ok' };
    }
  }
  return StubAuth;
}

const authContracts: readonly RpcContract[] = [
  register,
  login,
  refresh,
  logout,
  verifyEmail,
  resendVerification,
  getProfile,
  updateProfile,
  getSigningKeys,
  serviceHealth.auth,
];

export function startStubAuth(redisUrl: string, behaviour: AuthBehaviour): Promise<INestMicroservice> {
  return start('auth', redisUrl, authController(behaviour), authContracts);
}

/** A service that answers nothing but its health. */
export function startStubService(redisUrl: string, service: 'billing' | 'notification'): Promise<INestMicroservice> {
  const contract = serviceHealth[service];
  @Controller()
  class StubService {
    @Handles(contract)
    async health(): Promise<{ status: 'ok' | 'error' }> {
      return { status: 'ok' };
    }
  }
  return start(service, redisUrl, StubService, [contract]);
}

async function start(
  service: ServiceName,
  url: string,
  controller: Type,
  contracts: readonly RpcContract[],
): Promise<INestMicroservice> {
  const redis = { url, name: `stub-${service}` };
  @Module({ imports: [RpcModule.forRoot({ redis })], controllers: [controller] })
  class StubModule {}
  const stub = await NestFactory.createMicroservice(StubModule, {
    strategy: new RpcServer({ service, redis, contracts }),
  });
  await stub.listen();
  return stub;
}

/** For behaviours: `login: refuse('invalid_credentials')`. */
export function refuse(...problem: ConstructorParameters<typeof ProblemError>): () => Promise<never> {
  return () => Promise.reject(new ProblemError(...problem));
}
