import {
  acceptOwnership,
  declineOwnership,
  getOwnershipTransfer,
  offerOwnership,
  withdrawOwnership,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OwnershipTransferService } from './ownership-transfer.service';

@Controller()
export class OwnershipTransferHandler {
  constructor(private readonly transfers: OwnershipTransferService) {}

  @Handles(offerOwnership)
  offer(
    offer: RequestOf<typeof offerOwnership>,
    context: ContextOf<typeof offerOwnership>,
  ): Promise<ResponseInput<typeof offerOwnership>> {
    return this.transfers.offer(context, offer);
  }

  @Handles(getOwnershipTransfer)
  get(
    { organizationId }: RequestOf<typeof getOwnershipTransfer>,
    context: ContextOf<typeof getOwnershipTransfer>,
  ): Promise<ResponseInput<typeof getOwnershipTransfer>> {
    return this.transfers.get(context, organizationId);
  }

  @Handles(acceptOwnership)
  accept(
    { organizationId }: RequestOf<typeof acceptOwnership>,
    context: ContextOf<typeof acceptOwnership>,
  ): Promise<ResponseInput<typeof acceptOwnership>> {
    return this.transfers.accept(context, organizationId);
  }

  @Handles(declineOwnership)
  decline(
    { organizationId }: RequestOf<typeof declineOwnership>,
    context: ContextOf<typeof declineOwnership>,
  ): Promise<ResponseInput<typeof declineOwnership>> {
    return this.transfers.decline(context, organizationId);
  }

  @Handles(withdrawOwnership)
  withdraw(
    { organizationId }: RequestOf<typeof withdrawOwnership>,
    context: ContextOf<typeof withdrawOwnership>,
  ): Promise<ResponseInput<typeof withdrawOwnership>> {
    return this.transfers.withdraw(context, organizationId);
  }
}
