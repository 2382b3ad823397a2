import { getProfile, updateProfile, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { ProfileService } from './profile.service';

@Controller()
export class ProfileHandler {
  constructor(private readonly profile: ProfileService) {}

  @Handles(getProfile)
  get(
    _input: RequestOf<typeof getProfile>,
    { actor }: ContextOf<typeof getProfile>,
  ): Promise<ResponseInput<typeof getProfile>> {
    return this.profile.get(actor);
  }

  @Handles(updateProfile)
  update(
    changes: RequestOf<typeof updateProfile>,
    { actor }: ContextOf<typeof updateProfile>,
  ): Promise<ResponseInput<typeof updateProfile>> {
    return this.profile.update(actor, changes);
  }
}
