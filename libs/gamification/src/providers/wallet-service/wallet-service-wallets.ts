import { compare, invalidCursor, keyOf, limitOf, type Page, pageOf } from '../../page.js';
import { identifierRows } from '../../validation.js';
import { checkedEntry } from '../../wallets/checked-inputs.js';
import { DEFAULT_RESOURCE, type NewEntry } from '../../wallets/wallet-inputs.js';
import { NotEnoughFundsError } from '../../wallets/wallets.errors.js';
import {
  type Entry,
  type EntryItem,
  type InventoryQuery,
  type Transfer,
  type WalletQuery,
  Wallets,
  type WalletTotal,
  type WalletWriteOptions,
} from '../../wallets/wallets.js';
import type { WalletServiceClient } from './wallet-service.client.js';
import { NotSupportedByWalletServiceError, WalletServiceFundsError } from './wallet-service.errors.js';
import type { WalletServiceOptions } from './wallet-service.options.js';

/**
 * {@link Wallets} in a wallet service. What its protocol cannot express is refused with
 * `NotSupportedByWalletServiceError`, and nothing is sent:
 *
 * - a currency other than `points`, an authority other than the one of the configuration, and an idempotency key
 *   (unless the option `idempotencyKeys` says to ignore it),
 * - an item's data that is no object, or that has lists or `null` in it, which the service would change,
 * - `transfer`, since two entries are not written together, `entries`, since they cannot be listed, and a host's
 *   transaction.
 *
 * `useItem` finds out whether an item is used before it uses it: two calls at the same time can both succeed. A total
 * that is no longer a safe integer is accepted by the service; reading it throws `InvalidRemoteResponseError`.
 *
 * The service has no pages. Every page that is asked for reads the whole list, and takes its part of it.
 */
export class WalletServiceWallets extends Wallets {
  constructor(
    private readonly client: WalletServiceClient,
    private readonly options: Pick<WalletServiceOptions, 'idempotencyKeys'>,
  ) {
    super();
  }

  async createEntry(given: NewEntry, options: WalletWriteOptions = {}): Promise<Entry> {
    const entry = checkedEntry(given);
    this.refuseUnsupported(entry);
    refuseTransaction(options);
    const { userId, amount, reason, item } = entry;
    const data = item?.data === undefined ? undefined : dataOf(item.data);
    try {
      const written = await this.client.createEntry({
        userId,
        amount,
        reason,
        item: item ? { name: item.name, data } : undefined,
      });
      return { ...written, resource: DEFAULT_RESOURCE };
    } catch (error) {
      if (!(error instanceof WalletServiceFundsError)) throw error;
      const available = error.available ?? (await this.totalOf(userId));
      // The refusal is certain, so it is told even if the amount is not to be had.
      if (available === undefined) throw error;
      throw new NotEnoughFundsError(userId, DEFAULT_RESOURCE, -amount, available, { cause: error });
    }
  }

  async transfer(): Promise<Transfer> {
    throw new NotSupportedByWalletServiceError('transfer', 'single entries, which are not written together');
  }

  async useItem(entryId: string, options: WalletWriteOptions = {}): Promise<Entry> {
    refuseTransaction(options);
    const entry = await this.client.useItem(entryId, { unusedOnly: true });
    return { ...entry, resource: DEFAULT_RESOURCE };
  }

  async getWallets(query: WalletQuery = {}): Promise<Page<WalletTotal>> {
    const limit = limitOf(query);
    // With the resource, though there is one, it is no cursor of another list, such as that of items.
    const [after] = keyOf(query, ['string', 'string']) ?? [];
    const resources = identifiers(query.resources);
    const filter = { userIds: identifiers(query.userIds), authorityIds: identifiers(query.authorityIds) };
    if (resources && !resources.includes(DEFAULT_RESOURCE)) return { items: [] };
    const totals = (await this.client.getWallets(filter))
      .filter(({ userId }) => after === undefined || compare(userId, String(after)) > 0)
      .sort((a, b) => compare(a.userId, b.userId));
    return pageOf(
      totals.slice(0, limit + 1),
      limit,
      ({ userId, total }) => ({ userId, resource: DEFAULT_RESOURCE, total }),
      ({ userId }) => [userId, DEFAULT_RESOURCE],
    );
  }

  async getInventory(query: InventoryQuery = {}): Promise<Page<EntryItem>> {
    const limit = limitOf(query);
    const [after] = keyOf(query, ['string']) ?? [];
    const { used = false } = query;
    const items = await this.client.getInventory({
      entryIds: identifiers(query.entryIds),
      userIds: identifiers(query.userIds),
      authorityIds: identifiers(query.authorityIds),
      // Used ones as well: the last item of the page before may have been used since.
      used: 'any',
    });
    const last = after === undefined ? -1 : items.findIndex(({ entryId }) => entryId === after);
    if (after !== undefined && last < 0) throw invalidCursor();
    const rest = items.slice(last + 1).filter(({ item }) => used === 'any' || item.used === used);
    return pageOf(
      rest.slice(0, limit + 1),
      limit,
      (item) => item,
      ({ entryId }) => [entryId],
    );
  }

  async entries(): Promise<Page<Entry>> {
    throw new NotSupportedByWalletServiceError('entries', '`getWallets` and `getInventory`');
  }

  checkHealth(): Promise<void> {
    return this.client.checkHealth();
  }

  private refuseUnsupported({ resource, authorityId, idempotencyKey }: NewEntry): void {
    if ((resource ?? DEFAULT_RESOURCE) !== DEFAULT_RESOURCE) {
      throw new NotSupportedByWalletServiceError('resource', `${DEFAULT_RESOURCE}, the only currency it has`);
    }
    if ((authorityId ?? this.client.authorityId) !== this.client.authorityId) {
      const allowed = `${this.client.authorityId}, which the configuration of the wallet service names`;
      throw new NotSupportedByWalletServiceError('authorityId', allowed);
    }
    if (typeof idempotencyKey === 'string' && this.options.idempotencyKeys !== 'ignore') {
      const allowed =
        "none, or the option `wallet.idempotencyKeys: 'ignore'`, with which a repeat counts twice";
      throw new NotSupportedByWalletServiceError('idempotencyKey', allowed);
    }
  }

  /** What a wallet holds; nothing where it cannot be found out. */
  private async totalOf(userId: string): Promise<number | undefined> {
    try {
      const [wallet] = await this.client.getWallets({ userIds: [userId] });
      return wallet?.total ?? 0;
    } catch {
      return undefined;
    }
  }
}

function refuseTransaction({ transaction }: WalletWriteOptions): void {
  if (transaction === undefined) return;
  throw new NotSupportedByWalletServiceError('transaction', 'none: it is written elsewhere');
}

/** @throws InvalidQueryError when it is no list. What is no identifier matches nothing. */
function identifiers(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined ? undefined : identifierRows(values).map(([id]) => id);
}

/** An item's data as the service can keep it. @throws NotSupportedByWalletServiceError when it would change it */
function dataOf(given: unknown): object | undefined {
  const data: unknown = JSON.parse(JSON.stringify(given));
  if (data === null) return undefined;
  if (typeof data !== 'object' || !isKept(data)) {
    throw new NotSupportedByWalletServiceError('item.data', 'an object without lists and without null in it');
  }
  return data;
}

/** Whether the service keeps a value as it is: it makes objects of lists, and drops what is `null`. */
function isKept(value: unknown): boolean {
  if (value === null || Array.isArray(value)) return false;
  return typeof value !== 'object' || Object.values(value).every(isKept);
}
