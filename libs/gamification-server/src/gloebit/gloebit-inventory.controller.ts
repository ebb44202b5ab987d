import { All, Body, Controller, HttpCode, Inject, Req } from '@nestjs/common';
import { isStorable, textOf } from '../wire/wire-values.js';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer } from './gloebit-answer.js';
import { InventoryItems } from './inventory-items.js';
import { type Owner, Products } from './products.js';
import { type Fields, fieldsOf, partsOf, ResourceCalls, type ResourceRequest } from './resource-calls.js';

const SCOPES = ['inventory'];
const MAX_COUNT = 1_000_000;

/** A product, and how many of it, of which a call is about. */
interface Wanted {
  readonly product: string;
  readonly count: number;
}

type Change = (owner: Owner, product: string, count: number) => Promise<GloebitAnswer>;

/** Gloebit's calls about what users and their characters have. */
@Controller()
export class GloebitInventoryController {
  constructor(
    @Inject(ResourceCalls) private readonly calls: ResourceCalls,
    @Inject(Products) private readonly products: Products,
    @Inject(Characters) private readonly characters: Characters,
    @Inject(InventoryItems) private readonly items: InventoryItems,
  ) {}

  @All('get-user-products')
  @HttpCode(200)
  userProducts(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, ({ userId }) => this.products.list({ userId }));
  }

  @All(['consume-user-product', 'consume-user-product/*rest'])
  @HttpCode(200)
  consume(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofUser(request, body, 'consume-user-product', 1, (...change) =>
      this.products.consume(...change),
    );
  }

  @All(['grant-user-product', 'grant-user-product/*rest'])
  @HttpCode(200)
  grant(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofUser(request, body, 'grant-user-product', 1, (...change) => this.products.grant(...change));
  }

  @All(['set-user-product-count', 'set-user-product-count/*rest'])
  @HttpCode(200)
  set(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofUser(request, body, 'set-user-product-count', 0, (...change) =>
      this.products.set(...change),
    );
  }

  @All(['get-character-products', 'get-character-products/*rest'])
  @HttpCode(200)
  characterProducts(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, async (grant) => {
      const id = partsOf(request, 'get-character-products')[0] ?? textOf(fieldsOf(body).character_id) ?? '';
      if (!(await this.characters.isOwned(grant, id))) return failed('unknown character');
      return this.products.list({ userId: grant.userId, character: id });
    });
  }

  @All(['consume-character-product', 'consume-character-product/*rest'])
  @HttpCode(200)
  consumeOfCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofCharacter(request, body, 'consume-character-product', 1, (...change) =>
      this.products.consume(...change),
    );
  }

  @All(['grant-character-product', 'grant-character-product/*rest'])
  @HttpCode(200)
  grantToCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofCharacter(request, body, 'grant-character-product', 1, (...change) =>
      this.products.grant(...change),
    );
  }

  @All(['set-character-product-count', 'set-character-product-count/*rest'])
  @HttpCode(200)
  setOfCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.ofCharacter(request, body, 'set-character-product-count', 0, (...change) =>
      this.products.set(...change),
    );
  }

  @All('new-inventory-item')
  @HttpCode(200)
  newItem(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, (grant) => this.items.create(grant, fieldsOf(body)));
  }

  @All(['get-inventory-item-ids', 'get-inventory-item-ids/*rest'])
  @HttpCode(200)
  itemIds(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, (grant) =>
      this.items.ids(grant, partsOf(request, 'get-inventory-item-ids')[0]),
    );
  }

  @All('get-inventory-item/:id')
  @HttpCode(200)
  item(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, (grant) =>
      this.items.get(grant, partsOf(request, 'get-inventory-item')[0] ?? ''),
    );
  }

  @All('update-inventory-item')
  @HttpCode(200)
  updateItem(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, (grant) => this.items.update(grant, fieldsOf(body)));
  }

  @All('delete-inventory-item/:id')
  @HttpCode(200)
  deleteItem(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, SCOPES, (grant) =>
      this.items.remove(grant, partsOf(request, 'delete-inventory-item')[0] ?? ''),
    );
  }

  /** The product and how many of it stand in the path, or in the body. @param least how many there have to be */
  private ofUser(request: ResourceRequest, body: unknown, call: string, least: number, change: Change) {
    return this.calls.answer(request, SCOPES, async ({ userId }) => {
      const wanted = wantedOf(partsOf(request, call), fieldsOf(body), least);
      if (!wanted) return failed('invalid product or count');
      return change({ userId }, wanted.product, wanted.count);
    });
  }

  /** Before the product stands the character. */
  private ofCharacter(request: ResourceRequest, body: unknown, call: string, least: number, change: Change) {
    return this.calls.answer(request, SCOPES, async (grant) => {
      const fields = fieldsOf(body);
      const [id = textOf(fields.character_id) ?? '', ...parts] = partsOf(request, call);
      const wanted = wantedOf(parts, fields, least);
      if (!wanted) return failed('invalid product or count');
      if (!(await this.characters.isOwned(grant, id))) return failed('unknown character');
      return change({ userId: grant.userId, character: id }, wanted.product, wanted.count);
    });
  }
}

/** Clients leave slashes of a product as they are ([observed]), so all parts but the last are its name. */
function wantedOf(parts: readonly string[], fields: Fields, least: number): Wanted | undefined {
  const inPath = parts.length >= 2;
  const product = inPath ? parts.slice(0, -1).join('/') : fields.product_name;
  const count = Number(inPath ? parts.at(-1) : textOf(fields.count ?? 1));
  if (typeof product !== 'string' || product === '' || !isStorable(product)) return undefined;
  return Number.isInteger(count) && count >= least && count <= MAX_COUNT ? { product, count } : undefined;
}
