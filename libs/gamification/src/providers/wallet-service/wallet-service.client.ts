import { SystemClock } from '../../clock.js';
import { GamificationOptionsError } from '../../gamification.errors.js';
import { decode } from '../../http/decode.js';
import type { RemoteRequest, RemoteResponse } from '../../http/http-transport.js';
import { HttpTransports } from '../../http/http-transports.js';
import { path } from '../../http/path.js';
import {
  InvalidRemoteResponseError,
  InvalidRequestError,
  RemoteUnavailableError,
} from '../../http/remote.errors.js';
import type { RemoteOptions } from '../../http/remote-options.js';
import { isOutage } from '../../http/status.js';
import { checked, inShort, withoutTexts } from '../../validation.js';
import { EntryNotFoundError, ItemAlreadyUsedError } from '../../wallets/wallets.errors.js';
import type { EntryItem } from '../../wallets/wallets.js';
import { entryIn, listIn, refuseRefusal, toEntryItem } from './read-answers.js';
import { availableIn } from './refusal-body.js';
import { WalletServiceError, WalletServiceFundsError } from './wallet-service.errors.js';
import { WalletServiceOptions } from './wallet-service.options.js';
import { HealthAnswer, InventoryAnswer, WalletAnswer } from './wallet-service-answers.js';
import { connectWalletService, type WalletServiceConnection } from './wallet-service-connection.js';
import { canBeEntryId, hasNoComma, isObjectId, ListFilter } from './wallet-service-filters.js';
import { checkedNewEntry, type NewWalletServiceEntry } from './wallet-service-inputs.js';
import type {
  UseWalletServiceItemOptions,
  WalletServiceEntry,
  WalletServiceInventoryQuery,
  WalletServiceTotal,
  WalletServiceWalletQuery,
} from './wallet-service-types.js';

/** Most bytes of a request's body: the default of the original server's framework, which answers HTTP 500 to more. */
const MAX_BODY = 100 * 1024;

/**
 * The client of a wallet service, which acts as one authority. It spares the original server what stops it: lists that it
 * cannot read, and ids that it does not know.
 *
 * Every call throws, next to what it names itself:
 * - InvalidRequestError when an argument is not as it must be, and then nothing was sent;
 * - WalletServiceForbiddenError when the service does not know the authority, or not with this key;
 * - WalletServiceError, of which the others are kinds, when the service refuses in another way;
 * - RemoteUnavailableError or InvalidRemoteResponseError when there is no answer, or none that can be understood.
 */
export class WalletServiceClient {
  // Has the authority's token: what is #private no logger shows.
  readonly #connection: WalletServiceConnection;

  /**
   * Not for applications: they inject the client, or make one with {@link fromConfig}.
   *
   * @param own what {@link close} closes
   */
  constructor(
    connection: WalletServiceConnection,
    private readonly own?: Pick<HttpTransports, 'close'>,
  ) {
    this.#connection = connection;
  }

  /**
   * Makes a client from an authority client configuration, for a program without the module; it calls {@link close} at
   * its end. With the module, the option `wallet` makes the client.
   *
   * @param config the path of the configuration's JSON file, or what is in it
   * @param options how the service is called; what is left out has its default
   * @throws WalletServiceConfigError naming everything that is wrong with the configuration
   * @throws GamificationOptionsError naming every option that is wrong
   */
  static async fromConfig(
    config: string | object,
    options: Partial<RemoteOptions> = {},
  ): Promise<WalletServiceClient> {
    // The configuration is checked by itself; it holds a key.
    const { value, problems } = checked(WalletServiceOptions, { ...options, config: {} });
    if (problems.length > 0) {
      throw new GamificationOptionsError('options of the wallet service', problems.map(withoutTexts));
    }
    const transports = new HttpTransports(new SystemClock(), undefined);
    return new WalletServiceClient(await connectWalletService(config, value, transports), transports);
  }

  /** Who this client writes as. */
  get authorityId(): string {
    return this.#connection.authorityId;
  }

  /**
   * Adds to a wallet or takes from it, and optionally gives an item. It is never repeated: the service would count it
   * twice.
   *
   * @throws WalletServiceFundsError when the wallet holds less than is to be taken; then nothing is written
   * @throws WalletServiceRequestError when the service finds something wrong with the entry
   * @throws RemoteUnavailableError also when the connection broke, and it is not known whether the entry was written
   */
  async createEntry(given: NewWalletServiceEntry): Promise<WalletServiceEntry> {
    const operation = 'createEntry';
    const { userId, amount, reason, item } = checkedNewEntry(given, operation);
    const json = {
      user_id: userId,
      amount,
      reason,
      ...(item ? { item: { name: item.name, ...(item.data ? { data: item.data } : {}) } } : {}),
    };
    const size = Buffer.byteLength(JSON.stringify(json));
    if (size > MAX_BODY) {
      throw new InvalidRequestError('wallet', operation, [
        { path: 'it', got: `${size} bytes as JSON`, allowed: `at most ${MAX_BODY}` },
      ]);
    }
    try {
      const answer = await this.call({ operation, method: 'POST', path: path`entry`, body: { json } });
      if (answer.status === 402 && amount < 0) {
        throw new WalletServiceFundsError(answer, userId, -amount, availableIn(answer.body));
      }
      return entryIn(answer);
    } catch (error) {
      if (amount < 0 && isDropped(error) && (await this.isUnknown(userId))) {
        const failure = { system: error.system, operation, body: error.body };
        throw new WalletServiceFundsError(failure, userId, -amount, 0, { cause: error });
      }
      throw error;
    }
  }

  /**
   * The totals of all wallets, or of some, in no order. A user without entries is absent. The service has no pages: the
   * answer is as long as its list, up to the option `maxResponseSize`.
   */
  async getWallets(query: WalletServiceWalletQuery = {}): Promise<readonly WalletServiceTotal[]> {
    const operation = 'getWallets';
    const users = new ListFilter(operation, 'userIds', query.userIds);
    const authorities = new ListFilter(operation, 'authorityIds', knownAuthorities(query.authorityIds));
    if (users.isEmpty || authorities.isEmpty) return [];
    const authorityIds = authorities.onWire;
    if (query.authorityIds !== undefined && authorityIds === undefined) {
      // Sums cannot be taken apart here.
      throw new InvalidRequestError('wallet', operation, [
        {
          path: 'authorityIds',
          got: inShort(query.authorityIds),
          allowed: 'as many as fit into a URL, 4,000 characters',
        },
      ]);
    }
    const answer = await this.call({
      operation,
      method: 'GET',
      path: path`wallet`,
      query: { user_ids: users.onWire, authority_ids: authorityIds },
    });
    return listIn(WalletAnswer, answer, 'wallets')
      .map((wallet) => ({ userId: wallet.user_id, total: wallet.total }))
      .filter(({ userId }) => users.matches(userId));
  }

  /**
   * The items that users own, in the service's order: the original server lists those first that were given first. The
   * service has no pages: the answer is as long as its list, up to the option `maxResponseSize`.
   */
  async getInventory(query: WalletServiceInventoryQuery = {}): Promise<readonly EntryItem[]> {
    const operation = 'getInventory';
    const { entryIds, used = false } = query;
    const entries = new ListFilter(
      operation,
      'entryIds',
      Array.isArray(entryIds) ? entryIds.filter(canBeEntryId) : entryIds,
      isObjectId,
    );
    const users = new ListFilter(operation, 'userIds', query.userIds);
    const authorities = new ListFilter(operation, 'authorityIds', query.authorityIds);
    if (entries.isEmpty || users.isEmpty || authorities.isEmpty) return [];
    const answer = await this.call({
      operation,
      method: 'GET',
      path: path`entry/inventory`,
      // Never with `used`: the original server compares it with texts, and finds nothing whatever it is.
      query: { entry_ids: entries.onWire, user_ids: users.onWire, authority_ids: authorities.onWire },
    });
    return listIn(InventoryAnswer, answer, 'inventory')
      .map(toEntryItem)
      .filter(
        ({ entryId, userId, authorityId, item }) =>
          entries.matches(entryId) &&
          users.matches(userId) &&
          authorities.matches(authorityId) &&
          (used === 'any' || item.used === used),
      );
  }

  /**
   * Marks an item as used, of whichever authority. The original server says so but does not keep it.
   *
   * The item is looked up first: the original server stops when it is asked for one that it does not have. Two calls at
   * the same time can therefore both find it unused, and both succeed.
   *
   * @returns the entry that gave it
   * @throws EntryNotFoundError when there is no such entry, or it gave no item
   * @throws ItemAlreadyUsedError with `unusedOnly`, when it is used
   */
  async useItem(
    entryId: string,
    { unusedOnly = false }: UseWalletServiceItemOptions = {},
  ): Promise<WalletServiceEntry> {
    const operation = 'useItem';
    const [found] = await this.getInventory({ entryIds: [entryId], used: 'any' });
    if (!found) throw new EntryNotFoundError(String(entryId));
    if (unusedOnly && found.item.used) throw new ItemAlreadyUsedError(entryId);
    const answer = await this.call({
      operation,
      method: 'POST',
      path: path`entry/${entryId}/inventory/use`,
    });
    if (answer.status === 404) {
      throw new EntryNotFoundError(entryId, { cause: new WalletServiceError(answer) });
    }
    return entryIn(answer);
  }

  /**
   * Resolves when the service can be used. Nothing has to be called before: other calls do not ask for the service's
   * health.
   *
   * @throws RemoteUnavailableError when it cannot be reached, or says itself that it must not be used
   * @throws InvalidRemoteResponseError when it speaks a version of the API that is not 1.1 or a later 1.x
   */
  async checkHealth(): Promise<void> {
    const operation = 'checkHealth';
    const answer = await this.call({ operation, method: 'GET', path: path`health`, maxRetries: 0 });
    refuseRefusal(answer);
    const { ok, version } = decode(HealthAnswer, answer);
    if (ok !== true) {
      const remoteMessage = typeof ok === 'string' ? ok : undefined;
      const detail = `it says that it is not well: ${inShort(ok)}`;
      throw new RemoteUnavailableError({ ...answer, remoteMessage }, 'failing', detail);
    }
    if (!/^1\.0*[1-9]\d*\./.test(version)) {
      const detail = `its API has the version ${inShort(version)}, expected: 1.1 or a later 1.x`;
      throw new InvalidRemoteResponseError(answer, detail);
    }
  }

  /** Lets go of the connections of a client that was made without the module; the module closes its own. */
  close(): void {
    this.own?.close();
  }

  private async call(request: RemoteRequest): Promise<RemoteResponse> {
    const { transport, token } = this.#connection;
    return transport.send({
      ...request,
      // The bare token: the original server refuses it behind `Bearer`.
      headers: { Authorization: token },
      isAnswer: ({ status }) => !isOutage(status),
    });
  }

  /** Whether the service has no entry of a user; `false` where it cannot be asked. */
  private async isUnknown(userId: string): Promise<boolean> {
    try {
      return (await this.getWallets({ userIds: [userId] })).length === 0;
    } catch {
      return false;
    }
  }
}

/**
 * Whether no answer came because the connection broke, or a proxy says so (HTTP 502). The original server breaks it, and
 * stops, when an amount is to be taken from a user without entries.
 */
function isDropped(error: unknown): error is RemoteUnavailableError {
  return error instanceof RemoteUnavailableError && (error.reason === 'network' || error.status === 502);
}

/** An id that cannot be sent is none of an authority, which has 24 hexadecimal digits: nothing of it counts. */
function knownAuthorities(ids: readonly string[] | undefined): readonly string[] | undefined {
  return Array.isArray(ids) ? ids.filter((id) => id !== '' && hasNoComma(String(id))) : ids;
}
