import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';
import { areFriends } from '../friends/friend-rows.js';
import type { Ids } from '../ids.js';
import type { NewNotification } from '../notifications/notification-row.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import type { LockPlayers } from '../players/lock-players.js';
import { playersOf } from '../players/player-rows.js';
import { fill } from '../template.js';
import { checkedOr, inShort, needIdentifier, needOneOf } from '../validation.js';
import type { GiftHooks } from './gift-hooks.js';
import { GiftReply, type NewGift, NewGiftRequest } from './gift-inputs.js';
import { fromRow, type GiftRequestRow } from './gift-rows.js';
import { InvalidGiftError } from './gifts.errors.js';
import { type GiftAsker, type GiftContent, type GiftListQuery, type GiftRequest, Gifts } from './gifts.js';
import type { GiftsOptions } from './gifts.options.js';
import { openRequest, replyToGifts } from './reply-gifts.js';
import { requestGifts } from './request-gifts.js';

/** For how long a request can be replied to unless told, in seconds. */
const DEFAULT_EXPIRY = 24 * 60 * 60;

const LISTS = { asc: list('>', 'asc'), desc: list('<', 'desc') };

/** What the gifts need of the application. */
export interface GiftsSetting {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hooks: GiftHooks;
  readonly lockPlayers: LockPlayers;
  readonly options: GiftsOptions;
  /** Whether the wallets are kept here too, so that gifts can move. */
  readonly moves: boolean;
  /** Who writes the entries by which gifts move. */
  readonly authorityId: string;
}

/** {@link Gifts} in the library's own database, among the friends of `Friends`. */
export class EmbeddedGifts extends Gifts {
  private readonly requests: ReturnType<typeof requestGifts>;
  private readonly replies: ReturnType<typeof replyToGifts>;

  constructor(private readonly setting: GiftsSetting) {
    super();
    this.requests = requestGifts(setting.lockPlayers);
    this.replies = replyToGifts(setting.lockPlayers);
  }

  async request(given: NewGiftRequest): Promise<string> {
    const { database, clock, ids, hooks } = this.setting;
    const input = checkedOr(NewGiftRequest, given, (problems) => new InvalidGiftError(problems));
    if (input.gift && !this.setting.moves) {
      const allowed = 'nothing while a wallet service keeps what could move';
      throw new InvalidGiftError([{ path: 'gift', got: inShort(input.gift), allowed }]);
    }
    return hooks.aroundRequest(input, async () => {
      const { userId, expiresIn = DEFAULT_EXPIRY, attributes = {} } = input;
      const createdAt = clock.now();
      const request = {
        id: ids.next(),
        userId,
        attributes,
        gift: input.gift && contentOf(input.gift),
        createdAt,
        expiresAt: createdAt + expiresIn * 1_000,
      };
      const message = fill(this.setting.options.requestedMessage, { ...attributes, from: userId });
      const notify = (friendId: string) => this.notification(friendId, message, 'gift.requested', request.id);
      await database.write(this.requests, { request, notify }, { keys: [userId] });
      return request.id;
    });
  }

  async list(query: GiftListQuery): Promise<Page<GiftRequest>> {
    const { userId, sort = 'asc' } = query;
    const limit = limitOf(query);
    const key = keyOf(query, ['number', 'string']);
    needIdentifier('userId', userId);
    needOneOf('sort', sort, ['asc', 'desc']);
    const edge = sort === 'asc' ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
    const [expiresAt = edge, id = ''] = key ?? [];
    return this.setting.database.read(async (sql) => {
      const rows = await sql.rows<GiftRequestRow>(LISTS[sort].with(userId, expiresAt, id, limit + 1));
      const page = pageOf(
        rows,
        limit,
        (row) => row,
        (row) => [Number(row.expires_at), row.id],
      );
      const askers = [...new Set(page.items.map(({ user_id }) => user_id))];
      const traits = new Map((await playersOf(sql, askers)).map((each) => [each.userId, each.state.traits]));
      return { ...page, items: page.items.map((row) => toRequest(row, traits.get(row.user_id) ?? {})) };
    });
  }

  async reply(given: GiftReply): Promise<void> {
    const { database, clock, ids, hooks, authorityId } = this.setting;
    const input = checkedOr(GiftReply, given, (problems) => new InvalidGiftError(problems));
    const { userId, requestId, response = 'accept', attributes = {} } = input;
    // Before the hooks, which need not think about requests that there are not.
    await database.read((sql) => openRequest(sql, { userId, requestId, at: clock.now() }));
    await hooks.aroundReply(input, () =>
      database.write(
        this.replies,
        {
          userId,
          requestId,
          response,
          attributes,
          at: clock.now(),
          entryIds: [ids.next(), ids.next()],
          authorityId,
          notify: ({ id, userId: asker }) => {
            const message = fill(this.setting.options.acceptedMessage, { from: userId });
            return this.notification(asker, message, 'gift.accepted', id);
          },
        },
        { keys: [userId] },
      ),
    );
  }

  private notification(userId: string, message: string, change: string, mechanicId: string): NewNotification {
    const { ids, clock } = this.setting;
    return { id: ids.next(), userId, message, mechanicId, change, eventId: null, createdAt: clock.now() };
  }
}

/** Only from those who are friends still. */
function list(behind: '>' | '<', sort: 'asc' | 'desc'): Statement {
  return new Statement(`
    select g.* from gamification_gift_recipients r join gamification_gift_requests g on g.id = r.request_id
    where r.user_id = $1 and r.response is null and (r.expires_at, r.request_id) ${behind} ($2, $3)
      and ${areFriends('r.user_id', 'g.user_id')}
    order by r.expires_at ${sort}, r.request_id ${sort} limit $4`);
}

function contentOf({ resource, amount, item }: NewGift): GiftContent {
  if (item !== undefined) return { item };
  // One of the two forms, as was checked.
  return { resource: resource ?? '', amount: amount ?? 0 };
}

function toRequest(row: GiftRequestRow, traits: Readonly<Record<string, unknown>>): GiftRequest {
  const { id, userId, attributes, gift, expiresAt } = fromRow(row);
  const from: { -readonly [Part in keyof GiftAsker]: GiftAsker[Part] } = { userId };
  for (const name of ['name', 'firstName', 'lastName', 'language'] as const) {
    const trait = traits[name];
    if (typeof trait === 'string') from[name] = trait;
  }
  return { id, attributes, expiresAt: new Date(expiresAt), from, ...(gift ? { gift } : {}) };
}
