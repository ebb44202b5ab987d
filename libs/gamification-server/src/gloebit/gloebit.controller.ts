import { All, Body, Controller, HttpCode, Inject, Logger, Req } from '@nestjs/common';
import { Players, PurchaseRefusedError, Shop } from 'nestjs-gamification';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import { GloebitGrants, type Grant } from './gloebit-grants.js';
import { transactionOf } from './transaction.js';
import { Transactions } from './transactions.js';

interface ResourceRequest {
  readonly originalUrl?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Gloebit's calls in the name of a user. The HTTP status is always 200: the body says what happened. Clients send GET or
 * POST to the same address ([client-unity]), so both are taken.
 */
@Controller()
export class GloebitController {
  private readonly logger = new Logger('Gloebit');

  constructor(
    @Inject(GloebitGrants) private readonly grants: GloebitGrants,
    @Inject(Players) private readonly players: Players,
    @Inject(Shop) private readonly shop: Shop,
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(Characters) private readonly characters: Characters,
  ) {}

  @All('no-op')
  @HttpCode(200)
  noOp(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, undefined, async () => succeeded());
  }

  /** The oldest generation of `user`. */
  @All('id')
  @HttpCode(200)
  id(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['id', 'user'], async ({ userId }) => {
      return succeeded({ id: userId, name: await this.nameOf(userId), params: {} });
    });
  }

  @All('user')
  @HttpCode(200)
  user(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['id', 'user'], async ({ userId }) => {
      const name = await this.nameOf(userId);
      return succeeded({ id: userId, name, 'full-name': name });
    });
  }

  @All('balance')
  @HttpCode(200)
  balance(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['balance'], async ({ userId }) => {
      return succeeded({ balance: await this.shop.balance(userId) });
    });
  }

  @All('get-user-products')
  @HttpCode(200)
  products(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['inventory'], async ({ userId }) => {
      const owned = await this.shop.products(userId);
      return succeeded({ products: Object.fromEntries(owned.map(({ product, count }) => [product, count])) });
    });
  }

  /** The product and how many of it stand in the path, where a product may have slashes, or in the body. */
  @All(['consume-user-product', 'consume-user-product/*rest'])
  @HttpCode(200)
  consume(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.answer(request, ['inventory'], async ({ userId }) => {
      const wanted = productIn(request) ?? productOf({ ...Object(body) });
      if (!wanted) return failed('invalid product or count');
      try {
        const count = await this.shop.consumeProduct({
          userId,
          product: wanted.product,
          quantity: wanted.count,
        });
        return succeeded({ 'product-count': count });
      } catch (error) {
        if (error instanceof PurchaseRefusedError) return failed("user doesn't have enough");
        throw error;
      }
    });
  }

  /** Off unless an application's settings allow it ([doc]), and there is no such setting here. */
  @All([
    'grant-user-product',
    'grant-user-product/*rest',
    'set-user-product-count',
    'set-user-product-count/*rest',
  ])
  @HttpCode(200)
  grant(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['inventory'], async () => failed('product cannot be granted'));
  }

  @All('transact')
  @HttpCode(200)
  transact(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.answer(request, ['transact'], async (grant) => {
      const transaction = transactionOf(body);
      return typeof transaction === 'string'
        ? failed(transaction)
        : this.transactions.transact(grant, transaction);
    });
  }

  @All('get-characters')
  @HttpCode(200)
  allCharacters(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.answer(request, ['character'], (grant) => this.characters.list(grant));
  }

  @All('create-character')
  @HttpCode(200)
  createCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.answer(request, ['character'], (grant) => this.characters.create(grant, { ...Object(body) }));
  }

  @All('update-character')
  @HttpCode(200)
  updateCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.answer(request, ['character'], (grant) => this.characters.update(grant, { ...Object(body) }));
  }

  @All(['delete-character', 'delete-character/*rest'])
  @HttpCode(200)
  deleteCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.answer(request, ['character'], (grant) => {
      const fields: Fields = { ...Object(body) };
      return this.characters.remove(grant, partsOf(request)[0] ?? String(fields.id));
    });
  }

  /** @param scopes of which the token needs one; nothing where it needs none */
  private async answer(
    request: ResourceRequest,
    scopes: readonly string[] | undefined,
    work: (grant: Grant) => Promise<GloebitAnswer>,
  ): Promise<GloebitAnswer> {
    const token = /^Bearer (\S+)$/i.exec(String(request.headers.authorization ?? ''))?.[1];
    try {
      const grant = token === undefined ? undefined : await this.grants.grantOf(token);
      // The words that clients look for ([sdk]).
      if (!grant) return failed('unknown token2');
      // Those for a scope that is missing are not known ([inferred]).
      if (scopes && !scopes.some((scope) => grant.scopes.includes(scope))) return failed('missing domain');
      return await work(grant);
    } catch (error) {
      this.logger.error(error instanceof Error ? error.stack : String(error));
      return failed('internal error');
    }
  }

  private async nameOf(userId: string): Promise<string> {
    const { name } = await this.players.traits(userId);
    return typeof name === 'string' ? name : '';
  }
}

/** The parts of a path behind the name of the call, decoded. */
function partsOf({ originalUrl, url }: ResourceRequest): readonly string[] {
  const [path = ''] = (originalUrl ?? url).split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const call = parts.findIndex((part) => /^(consume-user-product|delete-character)$/.test(part));
  try {
    return parts.slice(call + 1).map(decodeURIComponent);
  } catch {
    return [];
  }
}

function productIn(request: ResourceRequest) {
  const parts = partsOf(request);
  if (parts.length < 2) return undefined;
  return productOf({ product_name: parts.slice(0, -1).join('/'), count: parts.at(-1) });
}

function productOf({ product_name: product, count = 1 }: Fields) {
  const quantity = Number(count);
  if (typeof product !== 'string' || product === '' || !Number.isInteger(quantity) || quantity < 1)
    return undefined;
  return quantity > 1_000_000 ? undefined : { product, count: quantity };
}
