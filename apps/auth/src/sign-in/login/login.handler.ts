import { login, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { LoginService } from './login.service';

@Controller()
export class LoginHandler {
  constructor(private readonly service: LoginService) {}

  @Handles(login)
  login(
    { email, password }: RequestOf<typeof login>,
    { client }: ContextOf<typeof login>,
  ): Promise<ResponseInput<typeof login>> {
    return this.service.login(email, password, client);
  }
}
