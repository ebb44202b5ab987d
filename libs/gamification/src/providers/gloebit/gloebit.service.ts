import type { AccountLink, AccountLinks, AccountProvider } from '../../accounts/account-links.js';
import { type Credential, checkedCredential } from '../../accounts/credential.js';
import type { Clock } from '../../clock.js';
import { encode } from '../../http/decode.js';
import { path } from '../../http/path.js';
import { InvalidRequestError } from '../../http/remote.errors.js';
import type { Ids } from '../../ids.js';
import {
  GloebitAccessTokenError,
  GloebitBalanceAccessError,
  GloebitCharacterAccessError,
  GloebitProductsAccessError,
  GloebitTransactFailureError,
  GloebitTransactPendingError,
  GloebitUserInfoError,
  GloebitUserNameRequiredError,
} from './gloebit.errors.js';
import {
  BalanceAnswer,
  type CharacterAnswer,
  CharactersAnswer,
  CountAnswer,
  NothingAnswer,
  OneCharacterAnswer,
  ProductsAnswer,
  type Refusal,
  TransactAnswer,
  UserAnswer,
} from './gloebit-answers.js';
import {
  GLOEBIT,
  type GloebitAuthorization,
  type GloebitAuthorizationUrl,
  type GloebitCallback,
  type GloebitCallbackQuery,
} from './gloebit-authorization.js';
import type { GloebitCalls } from './gloebit-calls.js';
import {
  type GloebitAuthorizationRequest,
  type GloebitCallbackRequest,
  GloebitCharacterChange,
  GloebitCharacterId,
  GloebitConsumption,
  GloebitItem,
  GloebitProduct,
  NewGloebitCharacter,
} from './gloebit-inputs.js';
import type { PurchaseToSend } from './purchase-body.js';
import { transactionId } from './transaction-id.js';

/**
 * Whose account a call is for: the id of a user who has linked one, or a credential, for an application that keeps
 * credentials itself.
 */
export type GloebitAccount = string | Credential;

/** What Gloebit tells about a user, as far as it does. */
export interface GloebitUser {
  readonly id?: string;
  /** The name that the user chose for this application. */
  readonly name?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What became of a purchase. The gloebits are on hold, and the transaction is under way. */
export interface GloebitPurchase {
  /** The transaction's id. */
  readonly id: string;
  /** What is left in gloebits; only with the scope `balance`. */
  readonly balance?: number;
  /** How many of the product the user now has; only of products, and with the scope `inventory`. */
  readonly count?: number;
  /** Whether it was made before, with the same id. */
  readonly resubmitted: boolean;
}

/** A character of a user in this application. */
export interface GloebitCharacter {
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What {@link GloebitService} is made of. */
export interface GloebitParts {
  readonly authorization: GloebitAuthorization;
  readonly calls: GloebitCalls;
  readonly links: AccountLinks;
  /** Makes the body of a purchase. */
  readonly bodyOf: (purchase: PurchaseToSend) => unknown;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The provider that linked accounts are used with. Gloebit's tokens do not end, so there is nothing to refresh. */
const PROVIDER: AccountProvider = {
  name: GLOEBIT,
  isRevoked: (error) => error instanceof GloebitAccessTokenError && error.isRevoked,
};

/** The reasons with which a purchase is neither made nor refused. */
const PENDING: ReadonlySet<string | undefined> = new Set(['pending', 'transaction already created']);

/**
 * Gloebit: lets users link their account, and spends their gloebits.
 *
 * Besides what each method says, a call in a user's name throws
 * - `InvalidRequestError` when the input is not as it must be, and `GloebitScopeError` when the user did not allow it;
 *   then nothing was sent;
 * - `AccountNotLinkedError` when the user has no account linked; `AccountUnlinkedError`, once, when Gloebit no longer
 *   knows the access, so that the link was removed. With a credential it is `GloebitAccessTokenError`;
 * - `GloebitBadRequestError`, `InvalidRemoteResponseError` when Gloebit does not answer as its protocol says;
 * - `RemoteUnavailableError`, `StorageUnavailableError`.
 */
export class GloebitService {
  /** Not for applications: they inject the service. */
  constructor(private readonly parts: GloebitParts) {}

  /**
   * The URL to send a user's browser to, where the user may allow the application to use the account.
   *
   * @throws InvalidRequestError, StorageUnavailableError
   */
  authorizationUrl(request: GloebitAuthorizationRequest): Promise<GloebitAuthorizationUrl> {
    return this.parts.authorization.begin(request);
  }

  /**
   * Checks that the answer with which a browser comes back is one that this user asked for in this browser, and uses up
   * its state.
   *
   * @throws GloebitCrossSiteError when it is not; GloebitFlowMissingError when it was used before, or took too long
   * @throws GloebitAuthorizationError when Gloebit sends an error
   * @throws InvalidRequestError when the answer has no code
   * @throws StorageUnavailableError
   */
  verifyCallback(query: GloebitCallbackQuery, request: GloebitCallbackRequest): Promise<GloebitCallback> {
    return this.parts.authorization.verify(query, request);
  }

  /**
   * Exchanges the code with which a browser comes back for the user's credential, without keeping it.
   *
   * @throws as {@link verifyCallback}
   * @throws GloebitFlowExchangeError, RemoteUnavailableError
   */
  async exchange(query: GloebitCallbackQuery, request: GloebitCallbackRequest): Promise<Credential> {
    return this.parts.authorization.redeem(await this.verifyCallback(query, request));
  }

  /**
   * Links the account that a verified answer is about, in place of the one that was linked before.
   *
   * @throws GloebitFlowExchangeError, RemoteUnavailableError, StorageUnavailableError
   */
  async link(callback: GloebitCallback): Promise<AccountLink> {
    const credential = await this.parts.authorization.redeem(callback);
    return this.parts.links.link(callback.user, GLOEBIT, credential);
  }

  /**
   * Who the user is at Gloebit. Needs the scope `id`, or `user`, as it was called later.
   *
   * @throws GloebitUserInfoError
   */
  userInfo(account: GloebitAccount): Promise<GloebitUser> {
    return this.with(account, 'userInfo', (credential) => this.user('userInfo', credential));
  }

  /** What the user can spend, in gloebits. Needs the scope `balance`. @throws GloebitBalanceAccessError */
  balance(account: GloebitAccount): Promise<number> {
    const operation = 'balance';
    return this.with(account, operation, async (credential) => {
      this.parts.calls.allowed(operation, credential, 'balance');
      const answer = await this.parts.calls.send(credential, {
        operation,
        method: 'GET',
        path: path`balance/`,
        answer: BalanceAnswer,
        refusal: (failure, detail) => new GloebitBalanceAccessError(failure, detail),
      });
      return answer.balance;
    });
  }

  /**
   * Buys an item, which the application names and prices. Needs the scope `transact`.
   *
   * @throws GloebitUserNameRequiredError
   * @throws GloebitTransactFailureError, with the `remoteMessage` `insufficient balance` when the user cannot pay for it
   * @throws GloebitTransactPendingError when it is not settled yet
   */
  async purchaseItem(account: GloebitAccount, purchase: GloebitItem): Promise<GloebitPurchase> {
    const operation = 'purchaseItem';
    const { item, price, quantity = 1, ...buyer } = encode(GloebitItem, purchase, 'gloebit', operation);
    return this.purchase(account, operation, buyer, quantity, { item, totalPrice: price * quantity });
  }

  /** Buys a product, at the merchant's price. @throws as {@link purchaseItem} */
  async purchaseProduct(account: GloebitAccount, purchase: GloebitProduct): Promise<GloebitPurchase> {
    const operation = 'purchaseProduct';
    const { product, quantity = 1, ...buyer } = encode(GloebitProduct, purchase, 'gloebit', operation);
    return this.purchase(account, operation, buyer, quantity, { product });
  }

  /**
   * Uses up some of a product. Needs the scope `inventory`. Is never repeated by itself, as Gloebit would count it again.
   *
   * @returns how many the user has left, if Gloebit says so
   * @throws GloebitProductsAccessError, with the `remoteMessage` `user doesn't have enough` when there are too few
   */
  async consumeProduct(
    account: GloebitAccount,
    consumption: GloebitConsumption,
  ): Promise<number | undefined> {
    const operation = 'consumeProduct';
    const { product, quantity = 1 } = encode(GloebitConsumption, consumption, 'gloebit', operation);
    return this.with(account, operation, async (credential) => {
      this.parts.calls.allowed(operation, credential, 'inventory');
      const answer = await this.parts.calls.send(credential, {
        operation,
        method: 'POST',
        path: path`consume-user-product/${product}/${String(quantity)}/`,
        json: {},
        answer: CountAnswer,
        refusal: productsRefusal,
      });
      return answer['product-count'] ?? undefined;
    });
  }

  /** The products that the user has, by name. Needs the scope `inventory`. @throws GloebitProductsAccessError */
  products(account: GloebitAccount): Promise<Readonly<Record<string, number>>> {
    const operation = 'products';
    return this.with(account, operation, async (credential) => {
      this.parts.calls.allowed(operation, credential, 'inventory');
      const answer = await this.parts.calls.send(credential, {
        operation,
        method: 'GET',
        path: path`get-user-products/`,
        answer: ProductsAnswer,
        refusal: productsRefusal,
      });
      return answer.products;
    });
  }

  /** The user's characters in this application. Needs the scope `character`. @throws GloebitCharacterAccessError */
  characters(account: GloebitAccount): Promise<readonly GloebitCharacter[]> {
    const operation = 'characters';
    return this.with(account, operation, async (credential) => {
      this.parts.calls.allowed(operation, credential, 'character');
      const answer = await this.parts.calls.send(credential, {
        operation,
        method: 'GET',
        path: path`get-characters/`,
        answer: CharactersAnswer,
        refusal: characterRefusal,
      });
      return answer.characters.map(toCharacter);
    });
  }

  /** Makes a character. Needs the scope `character`. @throws GloebitCharacterAccessError */
  async createCharacter(account: GloebitAccount, character: NewGloebitCharacter): Promise<GloebitCharacter> {
    const operation = 'createCharacter';
    const { name, attributes } = encode(NewGloebitCharacter, character, 'gloebit', operation);
    const answer = await this.changeCharacter(
      account,
      operation,
      path`create-character/`,
      { ...attributes, name },
      OneCharacterAnswer,
    );
    return toCharacter(answer.character);
  }

  /**
   * Replaces a character, all of it. Needs the scope `character`, and that the merchant allows it at Gloebit.
   *
   * @throws GloebitCharacterAccessError
   */
  async updateCharacter(
    account: GloebitAccount,
    character: GloebitCharacterChange,
  ): Promise<GloebitCharacter> {
    const operation = 'updateCharacter';
    const { id, name, attributes } = encode(GloebitCharacterChange, character, 'gloebit', operation);
    const answer = await this.changeCharacter(
      account,
      operation,
      path`update-character/`,
      { ...attributes, id, name },
      OneCharacterAnswer,
    );
    return toCharacter(answer.character);
  }

  /** Deletes a character. Needs the scope `character`. @throws GloebitCharacterAccessError */
  async deleteCharacter(account: GloebitAccount, character: GloebitCharacterId): Promise<void> {
    const operation = 'deleteCharacter';
    const { id } = encode(GloebitCharacterId, character, 'gloebit', operation);
    await this.changeCharacter(account, operation, path`delete-character/`, { id }, NothingAnswer);
  }

  private async changeCharacter<Answer extends object>(
    account: GloebitAccount,
    operation: string,
    to: ReturnType<typeof path>,
    json: unknown,
    answer: new () => Answer,
  ): Promise<Answer> {
    return this.with(account, operation, (credential) => {
      this.parts.calls.allowed(operation, credential, 'character');
      return this.parts.calls.send(credential, {
        operation,
        method: 'POST',
        path: to,
        json,
        answer,
        refusal: characterRefusal,
      });
    });
  }

  private async purchase(
    account: GloebitAccount,
    operation: string,
    buyer: Pick<GloebitItem, 'username' | 'idempotencyKey'>,
    quantity: number,
    what: PurchaseToSend['what'],
  ): Promise<GloebitPurchase> {
    const { calls, clock, ids, bodyOf } = this.parts;
    const id = buyer.idempotencyKey === undefined ? ids.next() : transactionId(buyer.idempotencyKey);
    return this.with(account, operation, async (credential) => {
      calls.allowed(operation, credential, 'transact');
      const username = buyer.username || (await this.nameOf(operation, credential));
      const answer = await calls.send(credential, {
        operation,
        method: 'POST',
        path: path`transact/`,
        json: bodyOf({ transactionId: id, createdAt: clock.now(), username, quantity, what }),
        // The transaction's id keeps it from being made twice.
        repeatable: true,
        answer: TransactAnswer,
        refusal: transactRefusal,
      });
      const { balance, 'product-count': count, reason } = answer;
      return {
        id,
        ...(typeof balance === 'number' ? { balance } : {}),
        ...(typeof count === 'number' ? { count } : {}),
        resubmitted: reason === 'resubmitted',
      };
    });
  }

  private async user(operation: string, credential: Credential): Promise<GloebitUser> {
    const scope = this.parts.calls.allowed(operation, credential, 'id', 'user');
    const answer = await this.parts.calls.send(credential, {
      operation,
      method: 'GET',
      path: scope === 'id' ? path`id/` : path`user/`,
      answer: UserAnswer,
      refusal: (failure, detail) => new GloebitUserInfoError(failure, detail),
    });
    const name = answer.name ?? answer['full-name'];
    return {
      ...(typeof answer.id === 'string' ? { id: answer.id } : {}),
      ...(typeof name === 'string' ? { name } : {}),
      ...(answer.params ? { params: answer.params } : {}),
    };
  }

  /** The name that the user chose for this application; empty where there is none, as the final protocol has it. */
  private async nameOf(operation: string, credential: Credential): Promise<string> {
    const scopes = this.parts.calls.scopesOf(credential);
    if (!scopes.includes('id') && !scopes.includes('user')) throw new GloebitUserNameRequiredError(operation);
    return (await this.user(operation, credential)).name ?? '';
  }

  private async with<T>(
    account: GloebitAccount,
    operation: string,
    call: (credential: Credential) => Promise<T>,
  ): Promise<T> {
    if (typeof account === 'string') return this.parts.links.use(account, PROVIDER, call);
    const { value, problems } = checkedCredential(account);
    if (problems.length > 0) throw new InvalidRequestError('gloebit', operation, problems);
    return call(value);
  }
}

const productsRefusal: Refusal = (failure, detail) => new GloebitProductsAccessError(failure, detail);
const characterRefusal: Refusal = (failure, detail) => new GloebitCharacterAccessError(failure, detail);
const transactRefusal: Refusal = (failure, detail) =>
  PENDING.has(failure.remoteMessage)
    ? new GloebitTransactPendingError(failure, `${detail}; ask again with the same idempotency key`)
    : new GloebitTransactFailureError(failure, detail);

function toCharacter({ id, name, ...attributes }: CharacterAnswer): GloebitCharacter {
  return { id, name, attributes };
}
