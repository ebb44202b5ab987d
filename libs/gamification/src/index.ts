export { Clock } from './clock.js';
export {
  MissingDriverError,
  type StorageProblem,
  StorageUnavailableError,
  StorageVersionError,
  TransactionConflictError,
} from './database/database.errors.js';
export { betterSqliteTransaction, pgTransaction } from './database/host-adapters.js';
export type { SqlPort, SqlRow } from './database/sql.js';
export type { SqlValue } from './database/statement.js';
export type { EventRequest, Outcome, RecordedEvent } from './events/event.js';
export {
  ActionEvent,
  type ActionOf,
  type EventClass,
  type EventDetails,
  type EventKind,
  type EventType,
  GameEvent,
  type Traits,
  UniqueEvent,
} from './events/event-class.js';
export { EventLog, type EventQuery } from './events/event-log.js';
export { EventTracker, type RecordOptions, type TrackArguments } from './events/event-tracker.js';
export {
  EventResolutionError,
  EventValidationError,
  FlushTimeoutError,
  QueueFullError,
  TrackerClosedError,
} from './events/events.errors.js';
export { TrackEvent } from './events/track-event.decorator.js';
export type {
  Resolvable,
  TrackContext,
  TrackedRequest,
  TrackOptions,
  UntypedResult,
} from './events/track-options.js';
export type { Tracked, TrackingCounters, TrackingFailure } from './events/tracking-reports.js';
export {
  GamificationError,
  InvalidInputError,
  InvalidQueryError,
  type Problem,
} from './gamification.errors.js';
export { GamificationModule } from './gamification.module.js';
export {
  type GamificationModuleOptions,
  GamificationOptions,
  GamificationOptionsError,
  StorageOptions,
  TrackingOptions,
} from './gamification.options.js';
export { GamificationHealthIndicator, type HealthResult } from './health/gamification-health.indicator.js';
export { Ids } from './ids.js';
export { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type Page, type PageRequest } from './page.js';
export { NewEntry, NewItem, NewTransfer } from './wallets/wallet-inputs.js';
export {
  BalanceOutOfRangeError,
  EntryNotFoundError,
  IdempotencyConflictError,
  InvalidEntryError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
} from './wallets/wallets.errors.js';
export {
  type Entry,
  type EntryItem,
  type EntryQuery,
  type InventoryQuery,
  type Item,
  type Transfer,
  type WalletQuery,
  Wallets,
  type WalletTotal,
  type WalletWriteOptions,
} from './wallets/wallets.js';
