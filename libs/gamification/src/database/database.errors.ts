import { GamificationError } from '../gamification.errors.js';

/** Why the storage cannot be used at the moment. */
export type StorageProblem =
  /** Another connection held a lock for longer than the library waits. */
  | 'locked'
  /** The disk is full. */
  | 'full'
  /** No connection, or one on which the server does not do what is asked; or the file cannot be read or written. */
  | 'unreachable'
  /** A statement took longer than the time limit. */
  | 'timeout'
  /** More writes are waiting than the storage accepts. */
  | 'overloaded'
  /** The application is shutting down. */
  | 'closed';

/**
 * The storage could not be used. Nothing was written, or, when the connection broke during a commit, it is not known
 * whether all of it was: repeat with an idempotence key (events) or an idempotency key (entries) to be safe.
 * The library recovers by itself once the storage is back.
 */
export class StorageUnavailableError extends GamificationError {
  readonly code = 'STORAGE_UNAVAILABLE';

  constructor(
    readonly reason: StorageProblem,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`the storage is not available (${reason}): ${detail}`, options);
  }
}

/** The database was written by a newer version of this library, so this version must not touch it. */
export class StorageVersionError extends GamificationError {
  readonly code = 'STORAGE_VERSION';

  constructor(readonly unknownMigrations: readonly string[]) {
    super(
      `the database is newer than this version of nestjs-gamification: it has the unknown migration(s) ` +
        `${unknownMigrations.join(', ')}; upgrade the package or use another database`,
    );
  }
}

/**
 * Rows that a transaction needs were locked by another one for too long.
 *
 * @internal the group commit then runs the writes one at a time, so that those that need other rows succeed
 */
export class RowsLockedError extends StorageUnavailableError {
  constructor(detail: string, options?: ErrorOptions) {
    super('locked', detail, options);
  }
}

/**
 * Two transactions met in a way that only running one of them again can settle. The library repeats its own; to the
 * host it comes only from a write in the host's transaction, which is then to be repeated as a whole.
 */
export class TransactionConflictError extends GamificationError {
  readonly code = 'TRANSACTION_CONFLICT';
}

/**
 * A row broke a CHECK of its table.
 *
 * @internal the domain that owns the table turns it into its own error
 */
export class CheckViolationError extends Error {}
