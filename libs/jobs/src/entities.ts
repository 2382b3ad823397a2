import { InboxEvent } from './inbox.table';
import { OutboxDelivery, OutboxEvent } from './outbox.table';

/** The entities of what `createOutboxAndInbox` creates, for each service's own list. */
export const jobEntities = [InboxEvent, OutboxDelivery, OutboxEvent];
