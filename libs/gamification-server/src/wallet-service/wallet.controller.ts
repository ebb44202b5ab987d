import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { type Entry, EntryNotFoundError, eachOf, ItemAlreadyUsedError, Wallets } from 'nestjs-gamification';
import type { WalletServerOptions } from '../server.options.js';
import { Authority, AuthorityGuard } from './authority.js';
import { entryBody } from './entry-body.js';
import { WalletExceptionFilter } from './wallet-exception.filter.js';
import { entryJson, itemView } from './wallet-json.js';
import { WALLET_OPTIONS } from './wallet-options.js';

/** The version of the protocol, which clients want to be 1.1 or later. */
const VERSION = '1.1.0';
/** Ids in one list of a query at most. */
const MAX_IDS = 10_000;
/** Rows of one answer at most, as the protocol has no pages: more are refused, and are to be asked for by user. */
const MAX_ROWS = 100_000;

/** What the wallets hold: the protocol knows one currency. */
const DEFAULT_RESOURCE = 'points';

/** A wallet service's protocol. */
@Controller('api')
@UseFilters(WalletExceptionFilter)
export class WalletController {
  constructor(
    @Inject(Wallets) private readonly wallets: Wallets,
    @Inject(WALLET_OPTIONS) private readonly options: WalletServerOptions,
  ) {}

  @Get('v1/health')
  async health() {
    await this.wallets.checkHealth();
    return { ok: true, version: VERSION };
  }

  /** For clients of the version before, with the words of the real server ([server]). */
  @Get('v0/health')
  deprecated() {
    return { ok: 'server version 0.1.0 has be deprecated', version: '0.1.0' };
  }

  @Get('v1/wallet')
  @UseGuards(AuthorityGuard)
  async totals(@Query('user_ids') userIds?: unknown, @Query('authority_ids') authorityIds?: unknown) {
    const query = { ...listed('userIds', userIds), ...listed('authorityIds', authorityIds) };
    const { resource = DEFAULT_RESOURCE } = this.options;
    const wallets = await all((page) =>
      this.wallets.getWallets({ ...page, ...query, resources: [resource] }),
    );
    return { wallets: wallets.map(({ userId, total }) => ({ user_id: userId, total })) };
  }

  @Post('v1/entry')
  @HttpCode(200)
  @Header('Content-Type', 'application/json; charset=utf-8')
  @UseGuards(AuthorityGuard)
  async createEntry(@Authority() authorityId: string, @Body() body: unknown): Promise<string> {
    const { user_id: userId, amount, reason, item } = entryBody(body);
    const { resource = DEFAULT_RESOURCE } = this.options;
    const entry = await this.wallets.createEntry({
      userId,
      amount,
      reason,
      authorityId,
      resource,
      ...(item ? { item } : {}),
    });
    return `{"entry":${entryJson(entry)}}`;
  }

  @Get('v1/entry/inventory')
  @UseGuards(AuthorityGuard)
  async inventory(
    @Query('entry_ids') entryIds?: unknown,
    @Query('user_ids') userIds?: unknown,
    @Query('authority_ids') authorityIds?: unknown,
    @Query('used') used?: unknown,
  ) {
    const query = {
      ...listed('entryIds', entryIds),
      ...listed('userIds', userIds),
      ...listed('authorityIds', authorityIds),
      used: usedOf(used),
    };
    const inventory = await all((page) => this.wallets.getInventory({ ...page, ...query }));
    return { inventory: inventory.map(itemView) };
  }

  /** Again and again with the same answer: the protocol knows no item that was used before. */
  @Post('v1/entry/:entryId/inventory/use')
  @HttpCode(200)
  @Header('Content-Type', 'application/json; charset=utf-8')
  @UseGuards(AuthorityGuard)
  async use(@Param('entryId') entryId: string): Promise<string> {
    try {
      return `{"entry":${entryJson(await this.wallets.useItem(entryId))}}`;
    } catch (error) {
      if (!(error instanceof ItemAlreadyUsedError)) throw error;
      return `{"entry":${entryJson(await this.usedEntry(entryId))}}`;
    }
  }

  /** The entry of an item that was used before. */
  private async usedEntry(entryId: string): Promise<Entry> {
    const { items } = await this.wallets.getInventory({ entryIds: [entryId], used: 'any' });
    const userId = items[0]?.userId ?? '';
    const [entry] = (await this.wallets.entries({ userId, entryIds: [entryId] })).items;
    if (!entry) throw new EntryNotFoundError(entryId);
    return entry;
  }
}

/** Ids with commas between them; nothing or an empty text is no restriction. */
function listed<Name extends string>(
  name: Name,
  value: unknown,
): { readonly [Key in Name]?: readonly string[] } {
  if (value === undefined || value === '') return {};
  if (typeof value !== 'string') {
    throw new BadRequestException({ error: `${name} must be given once, with commas between the ids` });
  }
  const ids = value.split(',');
  if (ids.length > MAX_IDS) throw new BadRequestException({ error: `${name} has more than ${MAX_IDS} ids` });
  const list: { readonly [key: string]: readonly string[] } = { [name]: ids };
  return list as { readonly [Key in Name]?: readonly string[] };
}

/** The real server answers nothing to any value; this does what its documents say ([inferred]). */
function usedOf(value: unknown): boolean | 'any' {
  if (value === undefined) return 'any';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new BadRequestException({ error: 'used must be true or false' });
}

async function all<T>(list: Parameters<typeof eachOf<T>>[0]): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of eachOf(list, 1_000)) {
    items.push(item);
    if (items.length > MAX_ROWS) {
      throw new BadRequestException({
        error: `there are more than ${MAX_ROWS}: ask for some users at a time`,
      });
    }
  }
  return items;
}
