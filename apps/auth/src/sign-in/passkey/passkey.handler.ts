import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  listPasskeys,
  removePasskey,
  renamePasskey,
  signInWithPasskey,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { PasskeySignInService } from './passkey-sign-in.service';
import { PasskeyService } from './passkey.service';

@Controller()
export class PasskeyHandler {
  constructor(
    private readonly passkeys: PasskeyService,
    private readonly signIn: PasskeySignInService,
  ) {}

  @Handles(beginPasskey)
  begin(
    _input: RequestOf<typeof beginPasskey>,
    { actor }: ContextOf<typeof beginPasskey>,
  ): Promise<ResponseInput<typeof beginPasskey>> {
    return this.passkeys.begin(actor);
  }

  @Handles(addPasskey)
  add(
    { name, response }: RequestOf<typeof addPasskey>,
    { actor }: ContextOf<typeof addPasskey>,
  ): Promise<ResponseInput<typeof addPasskey>> {
    return this.passkeys.add(actor, name, response);
  }

  @Handles(listPasskeys)
  async list(
    _input: RequestOf<typeof listPasskeys>,
    { actor }: ContextOf<typeof listPasskeys>,
  ): Promise<ResponseInput<typeof listPasskeys>> {
    return { data: await this.passkeys.list(actor) };
  }

  @Handles(renamePasskey)
  rename(
    { id, name }: RequestOf<typeof renamePasskey>,
    { actor }: ContextOf<typeof renamePasskey>,
  ): Promise<ResponseInput<typeof renamePasskey>> {
    return this.passkeys.rename(actor, id, name);
  }

  @Handles(removePasskey)
  remove(
    { id }: RequestOf<typeof removePasskey>,
    { actor }: ContextOf<typeof removePasskey>,
  ): Promise<ResponseInput<typeof removePasskey>> {
    return this.passkeys.remove(actor, id);
  }

  @Handles(beginPasskeySignIn)
  beginSignIn(): Promise<ResponseInput<typeof beginPasskeySignIn>> {
    return this.signIn.begin();
  }

  @Handles(signInWithPasskey)
  completeSignIn(
    { response }: RequestOf<typeof signInWithPasskey>,
    { client }: ContextOf<typeof signInWithPasskey>,
  ): Promise<ResponseInput<typeof signInWithPasskey>> {
    return this.signIn.complete(response, client);
  }
}
