import type { Item } from '../../wallets/wallets.js';

/** An entry, as the wallet service keeps it. */
export interface WalletServiceEntry {
  /** 24 hexadecimal digits where the server is the original one. */
  readonly entryId: string;
  /** Who wrote it. */
  readonly authorityId: string;
  readonly userId: string;
  readonly createdOn: Date;
  /** Added to the wallet, or, when negative, taken from it. */
  readonly amount: number;
  /** For people. */
  readonly reason: string;
  readonly item?: Item;
}

/** What a wallet holds, as the wallet service counts it: there is one currency. */
export interface WalletServiceTotal {
  readonly userId: string;
  readonly total: number;
}

/** Which wallets are wanted. A list that is given and empty matches nothing. */
export interface WalletServiceWalletQuery {
  readonly userIds?: readonly string[] | undefined;
  /** Only what these authorities wrote counts. A total may then be negative. */
  readonly authorityIds?: readonly string[] | undefined;
}

/** Which items are wanted. A list that is given and empty matches nothing. */
export interface WalletServiceInventoryQuery {
  /** What can be no id of an entry (24 hexadecimal digits, or a UUID) matches nothing and is not sent. */
  readonly entryIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly authorityIds?: readonly string[] | undefined;
  /** `false`, the default: unused ones; `true`: used ones; `'any'`: both. */
  readonly used?: boolean | 'any' | undefined;
}

/** How an item is used. */
export interface UseWalletServiceItemOptions {
  /** Whether an item that is used already is refused. Without it, using it again changes nothing. */
  readonly unusedOnly?: boolean;
}
