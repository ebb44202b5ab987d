// Decorators of class-transformer need it, and Nest, which brings it along, may be imported later.
import 'reflect-metadata';

export * from './accounts/index.js';
export { GamificationController, type Place } from './api/gamification.controller.js';
export { GamificationExceptionFilter } from './api/gamification-exception.filter.js';
export { httpStatusOf } from './api/http-status.js';
export { type Catalog, MechanicsCatalog } from './api/mechanics-catalog.js';
export { PaymentPagesController } from './api/payment-pages.controller.js';
export { Clock } from './clock.js';
export {
  type StorageProblem,
  StorageUnavailableError,
  StorageVersionError,
  TransactionConflictError,
} from './database/database.errors.js';
export { ExtensionStorage, type RunSql } from './database/extension-storage.js';
export { betterSqliteTransaction, pgTransaction } from './database/host-adapters.js';
export type { ColumnTypes } from './database/migrations.js';
export type { SqlPort, SqlRow } from './database/sql.js';
export type { SqlValue } from './database/statement.js';
export { defineMechanics, on } from './define-mechanics.js';
export { NotDeliveredError } from './delivery/deliveries.errors.js';
export { Deliveries, type SendAgain } from './delivery/deliveries.js';
export type { DeadLetter, DeadLetterQuery, DestinationStatus } from './delivery/delivery-store.js';
export {
  type PlayerDifference,
  type ReplayOptions,
  type ReplayProgress,
  Replays,
} from './engine/replays.js';
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
export {
  EventTracker,
  type IdentifyOptions,
  type RecordOptions,
  type TrackArguments,
} from './events/event-tracker.js';
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
export { SocialFriends } from './friends/friend-inputs.js';
export {
  FriendRequestNotFoundError,
  InvalidFriendError,
  SocialIdTakenError,
  TooManyFriendsError,
} from './friends/friends.errors.js';
export {
  type Friend,
  type FriendQuery,
  Friends,
  type SocialId,
} from './friends/friends.js';
export {
  GamificationError,
  GamificationOptionsError,
  InvalidInputError,
  InvalidQueryError,
  MissingPackageError,
  type Problem,
} from './gamification.errors.js';
export { GamificationModule } from './gamification.module.js';
export {
  DeliveryOptions,
  EngineOptions,
  type GamificationModuleOptions,
  GamificationOptions,
  HttpOptions,
  StorageOptions,
  TrackingOptions,
} from './gamification.options.js';
export {
  AfterGiftReply,
  AfterGiftRequest,
  BeforeGiftReply,
  BeforeGiftRequest,
} from './gifts/gift-hook.decorators.js';
export { GiftReply, NewGift, NewGiftRequest } from './gifts/gift-inputs.js';
export {
  GiftAlreadyAcceptedError,
  GiftHookScopeError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  InvalidGiftError,
  ItemNotOwnedError,
} from './gifts/gifts.errors.js';
export {
  type GiftAsker,
  type GiftContent,
  type GiftListQuery,
  type GiftRequest,
  Gifts,
} from './gifts/gifts.js';
export { GiftsOptions } from './gifts/gifts.options.js';
export { DeliveryHealthIndicator, type DeliveryHealthResult } from './health/delivery-health.indicator.js';
export { GamificationHealthIndicator, type HealthResult } from './health/gamification-health.indicator.js';
export { RemoteHealthIndicator, type RemoteHealthResult } from './health/remote-health.indicator.js';
export type { CallResult, HttpInterceptor, OutgoingCall } from './http/http-interceptor.js';
export {
  InvalidRemoteResponseError,
  InvalidRequestError,
  RemoteError,
  type RemoteFailure,
  type RemoteProblem,
  RemoteRefusalError,
  type RemoteSystem,
  RemoteUnavailableError,
} from './http/remote.errors.js';
export { RemoteOptions } from './http/remote-options.js';
export { Ids } from './ids.js';
export { type BoardQuery, Leaderboards, type TopQuery } from './leaderboards/leaderboards.js';
export type {
  BadgeChange,
  BalanceChange,
  ChallengeChange,
  Changes,
  FeatureChange,
  LevelChange,
  RankChange,
  RatingChange,
  StreakChange,
} from './mechanics/changes.js';
export type * from './mechanics/definition.js';
export { MechanicsError } from './mechanics/mechanics.errors.js';
export { TooManyStreamsError } from './notifications/notifications.errors.js';
export {
  type Notification,
  type NotificationQuery,
  Notifications,
  type StreamOptions,
} from './notifications/notifications.js';
export { toServerSentEvents } from './notifications/server-sent-events.js';
export { DEFAULT_PAGE_SIZE, eachOf, MAX_PAGE_SIZE, type Page, type PageRequest } from './page.js';
export type { CodeSender, PaymentCode } from './payments/code-sender.js';
export { NewAmount, NewPayment } from './payments/payment-inputs.js';
export {
  type ConfirmedPayment,
  PaymentDeclinedError,
  type PaymentProcessor,
} from './payments/payment-processor.js';
export {
  CodeNotSentError,
  InvalidPaymentError,
  PaymentNotFoundError,
  PaymentRefusedError,
} from './payments/payments.errors.js';
export {
  type CreatedPayment,
  type Payment,
  type PaymentAmount,
  type PaymentLocale,
  Payments,
} from './payments/payments.js';
export { PaymentsOptions } from './payments/payments.options.js';
export {
  type ExportedRecord,
  type MetaInfo,
  type PassedStep,
  type Player,
  type PlayerBadge,
  type PlayerBalance,
  type PlayerChallenge,
  type PlayerFeature,
  type PlayerRating,
  type PlayerStreak,
  Players,
} from './players/players.js';
export { RequiresFeature } from './players/requires-feature.decorator.js';
export * from './providers/gloebit/index.js';
export * from './providers/gmfy/index.js';
export * from './providers/interakt/index.js';
export * from './providers/playblazer/index.js';
export * from './providers/wallet-service/index.js';
export { InsufficientBalanceError, InvalidPurchaseError, PurchaseRefusedError } from './shop/shop.errors.js';
export { type OwnedProduct, type Purchase, type Refund, Shop } from './shop/shop.js';
export { ShopOptions } from './shop/shop.options.js';
export {
  ConsumeProduct,
  GrantProduct,
  PurchaseItem,
  PurchaseProduct,
  RefundProduct,
  SetProductCount,
} from './shop/shop-inputs.js';
export { NotConfiguredError } from './unserved.js';
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
