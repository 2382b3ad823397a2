export { DeadLetters, type DeadLetter, type PlacedLetter } from './dead-letters';
export { PermanentError } from './errors';
export { Every, OnEvent, OnJob, type EventDelivery, type JobDelivery, type ScheduleTiming } from './handlers';
export { JobsModule } from './jobs.module';
export type { JobsOptions, Timings } from './options';
export { Outbox } from './outbox';
export { jobEntities } from './entities';
export { Queues } from './queues';
export { createOutboxAndInbox } from './tables';
