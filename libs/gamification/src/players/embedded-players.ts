import type { AccountLinks } from '../accounts/account-links.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { Sql } from '../database/sql.js';
import type { EventLog } from '../events/event-log.js';
import { boardKey, ratingBoard } from '../leaderboards/board-names.js';
import { placesOf } from '../leaderboards/board-places.js';
import type { CompiledMechanics } from '../mechanics/compiled-mechanics.js';
import type { Notifications } from '../notifications/notifications.js';
import { eachOf, keyOf, limitOf, type Page, type PageRequest, pageOf } from '../page.js';
import { needIdentifier } from '../validation.js';
import type { Wallets } from '../wallets/wallets.js';
import { erasePlayer } from './erase-player.js';
import { exportedRows } from './export-rows.js';
import type { LockPlayers } from './lock-players.js';
import { type PlayerOf, playersFrom, playersOf } from './player-rows.js';
import {
  badgesOf,
  featuresOf,
  levelNameOf,
  ratingsOf,
  streaksOf,
  toChallenge,
  toRating,
} from './player-view.js';
import {
  type ExportedRecord,
  type Player,
  type PlayerBadge,
  type PlayerBalance,
  type PlayerRating,
  Players,
} from './players.js';

/** Where all that is exported about a user is kept. */
export interface PlayerSources {
  readonly wallets: Wallets;
  readonly notifications: Notifications;
  readonly log: EventLog;
  readonly lockPlayers: LockPlayers;
  /** Absent where accounts are not configured. */
  readonly accounts: AccountLinks | undefined;
}

/** {@link Players} as the engine keeps them. */
export class EmbeddedPlayers extends Players {
  private readonly erasing: ReturnType<typeof erasePlayer>;

  constructor(
    private readonly database: Database,
    private readonly mechanics: CompiledMechanics,
    private readonly clock: Clock,
    private readonly sources: PlayerSources,
  ) {
    super();
    this.erasing = erasePlayer(sources.lockPlayers);
  }

  async get(userId: string): Promise<Player> {
    needIdentifier('userId', userId);
    const [player] = await this.views((sql) => playersOf(sql, [userId]));
    if (!player) throw new Error('every user has a player');
    return player;
  }

  async list(request: PageRequest = {}): Promise<Page<Player>> {
    const limit = limitOf(request);
    const after = String(keyOf(request, ['string'])?.[0] ?? '');
    const views = await this.views((sql) => playersFrom(sql, after, limit + 1));
    return pageOf(
      views,
      limit,
      (player) => player,
      ({ userId }) => [userId],
    );
  }

  async badges(userId: string): Promise<readonly PlayerBadge[]> {
    return badgesOf(userId, await this.stateOf(userId), this.mechanics);
  }

  async traits(userId: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.stateOf(userId)).traits;
  }

  override async hasFeature(userId: string, featureId: string): Promise<boolean> {
    return (
      (await this.stateOf(userId)).features[featureId] !== undefined && this.mechanics.features.has(featureId)
    );
  }

  async *export(userId: string): AsyncGenerator<ExportedRecord, void, undefined> {
    const { log, wallets, notifications, accounts } = this.sources;
    yield { kind: 'player', traits: await this.traits(userId), player: await this.get(userId) };
    for await (const event of eachOf((page) => log.list({ ...page, userId }))) yield { kind: 'event', event };
    for await (const entry of eachOf((page) => wallets.entries({ ...page, userId })))
      yield { kind: 'entry', entry };
    for await (const notification of eachOf((page) => notifications.list({ ...page, userId }))) {
      yield { kind: 'notification', notification };
    }
    yield* exportedRows(this.database, userId);
    if (!accounts) return;
    for await (const account of eachOf((page) => accounts.list(userId, page)))
      yield { kind: 'account', account };
  }

  async erase(userId: string): Promise<boolean> {
    needIdentifier('userId', userId);
    return this.database.write(this.erasing, userId, { keys: [userId] });
  }

  private async stateOf(userId: string) {
    needIdentifier('userId', userId);
    const [player] = await this.database.read((sql) => playersOf(sql, [userId]));
    if (!player) throw new Error('every user has a player');
    return player.state;
  }

  /** Players as they are shown, with places and balances looked up for all of them at once. */
  private async views(load: (sql: Sql) => Promise<readonly PlayerOf[]>): Promise<readonly Player[]> {
    const { mechanics } = this;
    const now = this.clock.now();
    const { players, ratings } = await this.database.read(async (sql) => {
      const players = await load(sql);
      return { players, ratings: await this.ratings(sql, players, now) };
    });
    const balances = await this.balances(players.map(({ userId }) => userId));
    return players.map(({ userId, state }) => ({
      userId,
      ratings: ratings.get(userId) ?? [],
      challenges: [...mechanics.challenges.values()].flatMap(
        (challenge) => toChallenge(userId, state, challenge) ?? [],
      ),
      badges: badgesOf(userId, state, mechanics),
      features: featuresOf(userId, state, mechanics),
      balances: balances.get(userId) ?? [],
      streaks: streaksOf(userId, state, now, mechanics),
    }));
  }

  private async ratings(
    sql: Sql,
    players: readonly PlayerOf[],
    now: number,
  ): Promise<ReadonlyMap<string, readonly PlayerRating[]>> {
    const { mechanics } = this;
    const rated = players.flatMap((player) =>
      ratingsOf(player.state, now, mechanics).map((each) => ({ ...each, ...player })),
    );
    if (rated.length === 0) return new Map();
    const places = await placesOf(
      sql,
      rated.map(({ userId, rating, period, standing }) => ({
        board: ratingBoard(rating.id, period),
        userId,
        key: boardKey(standing, rating.lowerIsBetter),
      })),
    );
    const byUser = new Map<string, PlayerRating[]>();
    for (const [index, { userId, state, rating, period, standing }] of rated.entries()) {
      const level = levelNameOf(state, rating, now, mechanics);
      const view = toRating(userId, rating, period, standing[0], places[index] ?? 0, level);
      const known = byUser.get(userId);
      if (known) known.push(view);
      else byUser.set(userId, [view]);
    }
    return byUser;
  }

  private async balances(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly PlayerBalance[]>> {
    const byUser = new Map<string, PlayerBalance[]>();
    if (userIds.length === 0) return byUser;
    const { wallets } = this.sources;
    for await (const { userId, resource, total } of eachOf((page) =>
      wallets.getWallets({ ...page, userIds }),
    )) {
      const balance = { userId, resourceKey: resource, amount: total };
      const known = byUser.get(userId);
      if (known) known.push(balance);
      else byUser.set(userId, [balance]);
    }
    return byUser;
  }
}
