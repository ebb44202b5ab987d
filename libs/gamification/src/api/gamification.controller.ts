import {
  Body,
  Get,
  Headers,
  HttpCode,
  Inject,
  type MessageEvent,
  Param,
  Post,
  Query,
  Sse,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { InvalidQueryError } from '../gamification.errors.js';
import { GiftReply } from '../gifts/gift-inputs.js';
import { type GiftRequest, Gifts } from '../gifts/gifts.js';
import { type BoardQuery, Leaderboards } from '../leaderboards/leaderboards.js';
import { type Notification, Notifications } from '../notifications/notifications.js';
import { toServerSentEvents } from '../notifications/server-sent-events.js';
import type { Page, PageRequest } from '../page.js';
import { type Player, type PlayerRating, Players } from '../players/players.js';
import { inShort, needOneOf } from '../validation.js';
import { type Entry, Wallets, type WalletTotal } from '../wallets/wallets.js';
import { AskingUser, ForAskingUser } from './asking-user.js';
import { type Catalog, MechanicsCatalog } from './mechanics-catalog.js';

/** Players on either side of the user, on a leaderboard around them. */
const AROUND = 3;
/** Players of other leaderboards. */
const TOP = 10;
/** Most items of a page. */
const PAGE_SIZE = 20;

/** A place on a leaderboard as a page shows it. */
export interface Place extends PlayerRating {
  /** What the user is called, where that is known. */
  readonly displayName?: string;
  /** Whether it is the user who asks. */
  readonly isOwn: boolean;
}

/**
 * What the pages of an application show each user of what is theirs: the widgets of `nestjs-gamification-widgets` read from
 * it. The application mounts it under a path and behind a guard of its own; who the user is, the module's option `user`
 * says:
 *
 * ```ts
 * @Controller('gamification')
 * @UseGuards(SessionGuard)
 * export class MyGamificationController extends GamificationController {}
 * ```
 *
 * Of other users, it shows what leaderboards do: id, name, value and level.
 */
export abstract class GamificationController {
  constructor(
    @Inject(MechanicsCatalog) private readonly mechanics: MechanicsCatalog,
    @Inject(Players) private readonly players: Players,
    @Inject(Leaderboards) private readonly leaderboards: Leaderboards,
    @Inject(Wallets) private readonly wallets: Wallets,
    @Inject(Gifts) private readonly gifts: Gifts,
    @Inject(Notifications) private readonly notifications: Notifications,
  ) {}

  /** What the user has. */
  @Get('me')
  @ForAskingUser()
  me(@AskingUser() userId: string): Promise<Player> {
    return this.players.get(userId);
  }

  /** What there is to earn. */
  @Get('catalog')
  @ForAskingUser()
  catalog(): Catalog {
    return this.mechanics.get();
  }

  /** A leaderboard: the first places, those around the user (unless told), or those of the user's friends. */
  @Get('leaderboards/:ratingId')
  @ForAskingUser()
  async leaderboard(
    @AskingUser() userId: string,
    @Param('ratingId') ratingId: string,
    @Query('of') of: string = 'around',
    @Query('period') period?: string,
  ): Promise<readonly Place[]> {
    needOneOf('of', of, ['around', 'top', 'friends']);
    needText('period', period);
    const query: BoardQuery = period === undefined ? {} : { period };
    const places = await this.placesOf(of, ratingId, userId, query);
    const names = await this.namesOf(places.map((place) => place.userId));
    return places.map((place) => {
      const displayName = names.get(place.userId);
      return {
        ...place,
        ...(displayName === undefined ? {} : { displayName }),
        isOwn: place.userId === userId,
      };
    });
  }

  /** What the user's wallets hold. */
  @Get('wallet')
  @ForAskingUser()
  async wallet(@AskingUser() userId: string): Promise<readonly WalletTotal[]> {
    return (await this.wallets.getWallets({ userIds: [userId] })).items;
  }

  /** How that came about, the latest first. */
  @Get('wallet/entries')
  @ForAskingUser()
  entries(
    @AskingUser() userId: string,
    @Query('resource') resource?: string,
    @Query('after') after?: string,
  ): Promise<Page<Entry>> {
    return this.wallets.entries({
      ...page(after),
      userId,
      ...(resource === undefined ? {} : { resource }),
    });
  }

  /** What friends ask the user for. */
  @Get('gifts')
  @ForAskingUser()
  giftRequests(@AskingUser() userId: string, @Query('after') after?: string): Promise<Page<GiftRequest>> {
    return this.gifts.list({ ...page(after), userId });
  }

  /** Accepts (`{ "response": "accept" }`) or denies (`deny`) such a request. */
  @Post('gifts/:requestId/reply')
  @HttpCode(204)
  @ForAskingUser()
  async replyToGift(
    @AskingUser() userId: string,
    @Param('requestId') requestId: string,
    @Body() body: unknown,
  ): Promise<void> {
    const { response } = Object(body) as { readonly response?: GiftReply['response'] };
    // Whatever it is, it is checked there.
    await this.gifts.reply(Object.assign(new GiftReply(), { userId, requestId, response }));
  }

  /** What the user was told, the latest first. */
  @Get('notifications')
  @ForAskingUser()
  news(@AskingUser() userId: string, @Query('after') after?: string): Promise<Page<Notification>> {
    return this.notifications.list({ ...page(after), userId });
  }

  /** The user has read notifications: those with the `ids` of the body, or all. Answers how many were unread. */
  @Post('notifications/read')
  @HttpCode(200)
  @ForAskingUser()
  async read(@AskingUser() userId: string, @Body() body: unknown): Promise<{ readonly read: number }> {
    const { ids } = Object(body) as { readonly ids?: readonly string[] };
    // Whatever they are, they are checked there.
    return { read: await this.notifications.markRead(userId, ids) };
  }

  /** Notifications as they come, as server-sent events. */
  @Sse('notifications/stream')
  @ForAskingUser()
  stream(@AskingUser() userId: string, @Headers('last-event-id') after?: string): Observable<MessageEvent> {
    return toServerSentEvents(this.notifications.stream(userId, { after }));
  }

  /**
   * What users are called on leaderboards: their trait `name`, or `firstName`, unless an application overrides it.
   *
   * @returns names by user id; who has none is shown by the id
   */
  protected async namesOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    await Promise.all(
      userIds.map(async (userId) => {
        const { firstName, name = firstName } = await this.players.traits(userId);
        if (typeof name === 'string') names.set(userId, name);
      }),
    );
    return names;
  }

  private placesOf(
    of: string,
    ratingId: string,
    userId: string,
    query: BoardQuery,
  ): Promise<readonly PlayerRating[]> {
    if (of === 'top') return this.leaderboards.top(ratingId, { ...query, limit: TOP });
    if (of === 'friends') return this.leaderboards.top(ratingId, { ...query, limit: TOP, friendsOf: userId });
    return this.leaderboards.around(ratingId, userId, AROUND, query);
  }
}

/** A parameter that is given twice comes as a list. @throws InvalidQueryError */
function needText(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'string') return;
  throw new InvalidQueryError(`${name} is ${inShort(value)}, allowed: a text`);
}

function page(after: string | undefined): PageRequest {
  return after === undefined ? { limit: PAGE_SIZE } : { after, limit: PAGE_SIZE };
}
