import {
  createApiKey,
  listApiKeys,
  revokeApiKey,
  verifyApiKey,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { ApiKeyService } from './api-key.service';

@Controller()
export class ApiKeyHandler {
  constructor(private readonly apiKeys: ApiKeyService) {}

  @Handles(createApiKey)
  create(
    wish: RequestOf<typeof createApiKey>,
    { actor }: ContextOf<typeof createApiKey>,
  ): Promise<ResponseInput<typeof createApiKey>> {
    return this.apiKeys.create(actor, wish);
  }

  @Handles(listApiKeys)
  list(
    page: RequestOf<typeof listApiKeys>,
    { actor }: ContextOf<typeof listApiKeys>,
  ): Promise<ResponseInput<typeof listApiKeys>> {
    return this.apiKeys.list(actor, page);
  }

  @Handles(revokeApiKey)
  revoke(
    { id }: RequestOf<typeof revokeApiKey>,
    { actor }: ContextOf<typeof revokeApiKey>,
  ): Promise<ResponseInput<typeof revokeApiKey>> {
    return this.apiKeys.revoke(actor, id);
  }

  @Handles(verifyApiKey)
  verify({ hash }: RequestOf<typeof verifyApiKey>): Promise<ResponseInput<typeof verifyApiKey>> {
    return this.apiKeys.verify(hash);
  }
}
