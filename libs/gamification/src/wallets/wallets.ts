import type { SqlPort } from '../database/sql.js';
import type { Page, PageRequest } from '../page.js';
import type { NewEntry, NewTransfer } from './wallet-inputs.js';

/** An item that an entry gave to a user. */
export interface Item {
  /** For people. */
  readonly name: string;
  /** Whether it is used up. */
  readonly used: boolean;
  /** Whatever the authority wanted to keep with it. */
  readonly data?: unknown;
}

/** One line of the ledger. It never changes, but for its item being used. */
export interface Entry {
  /** UUIDv7. */
  readonly entryId: string;
  /** The application that wrote it. */
  readonly authorityId: string;
  readonly userId: string;
  /** The currency. */
  readonly resource: string;
  readonly createdOn: Date;
  /** Added to the wallet, or, when negative, taken from it. */
  readonly amount: number;
  /** For people. */
  readonly reason: string;
  readonly item?: Item;
  /** The same for the two entries of a transfer. */
  readonly transferId?: string;
  /** The event that it came of, where a rule of the mechanics wrote it. */
  readonly eventId?: string;
}

/** What a wallet holds of one currency. */
export interface WalletTotal {
  readonly userId: string;
  readonly resource: string;
  readonly total: number;
}

/** An item that a user owns. */
export interface EntryItem {
  /** The entry that gave it, which is also the item's id. */
  readonly entryId: string;
  readonly authorityId: string;
  readonly userId: string;
  readonly item: Item;
}

/** The two entries of a transfer. */
export interface Transfer {
  /** What was taken from the giver. */
  readonly debit: Entry;
  /** What was added to the receiver. */
  readonly credit: Entry;
}

/** Which wallets are wanted. A list that is given and empty matches nothing. */
export interface WalletQuery extends PageRequest {
  readonly userIds?: readonly string[];
  /** Only what these authorities wrote counts. A total may then be negative. */
  readonly authorityIds?: readonly string[];
  readonly resources?: readonly string[];
}

/** Which items are wanted. A list that is given and empty matches nothing. */
export interface InventoryQuery extends PageRequest {
  readonly entryIds?: readonly string[];
  readonly userIds?: readonly string[];
  readonly authorityIds?: readonly string[];
  /** `false`, the default: unused ones; `true`: used ones; `'any'`: both. */
  readonly used?: boolean | 'any';
}

/** Whose entries are wanted. */
export interface EntryQuery extends PageRequest {
  readonly userId: string;
  /** Only of this currency. */
  readonly resource?: string;
  /** Only these. */
  readonly entryIds?: readonly string[];
}

/** How a wallet is written. */
export interface WalletWriteOptions {
  /** The host's own transaction: what is written commits or rolls back with it. */
  readonly transaction?: SqlPort;
}

/**
 * What users own: amounts of currencies, and items. A wallet is the sum of its entries, and is never below zero, unless
 * the mechanics let a resource be overdrawn.
 *
 * The class is its own injection token: `constructor(private readonly wallets: Wallets) {}`.
 */
export abstract class Wallets {
  /**
   * Adds to a wallet or takes from it, and optionally gives an item.
   *
   * @throws InvalidEntryError when a field is not as it must be
   * @throws NotEnoughFundsError when the wallet holds less than is to be taken; then nothing is written
   * @throws BalanceOutOfRangeError when the total would no longer be a safe integer; then nothing is written
   * @throws IdempotencyConflictError when the key was used for something else
   * @throws StorageUnavailableError
   */
  abstract createEntry(entry: NewEntry, options?: WalletWriteOptions): Promise<Entry>;

  /**
   * Moves an amount from one user to another: both entries are written or neither.
   *
   * @throws as {@link createEntry}
   */
  abstract transfer(transfer: NewTransfer, options?: WalletWriteOptions): Promise<Transfer>;

  /**
   * Marks the item of an entry as used.
   *
   * @returns the entry
   * @throws EntryNotFoundError when there is no such entry, or it gave no item
   * @throws ItemAlreadyUsedError
   */
  abstract useItem(entryId: string, options?: WalletWriteOptions): Promise<Entry>;

  /** The totals, by user, then currency. A user without entries is absent. @throws InvalidQueryError */
  abstract getWallets(query?: WalletQuery): Promise<Page<WalletTotal>>;

  /** The items, first given first. @throws InvalidQueryError */
  abstract getInventory(query?: InventoryQuery): Promise<Page<EntryItem>>;

  /** The entries of a user, latest first. @throws InvalidQueryError */
  abstract entries(query: EntryQuery): Promise<Page<Entry>>;

  /** Resolves when wallets can be used. @throws StorageUnavailableError when they cannot */
  abstract checkHealth(): Promise<void>;
}
