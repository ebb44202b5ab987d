import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { Sql } from '../database/sql.js';
import { friendIdsOf } from '../friends/friend-rows.js';
import { InvalidQueryError } from '../gamification.errors.js';
import type { CompiledMechanics, CompiledRating } from '../mechanics/compiled-mechanics.js';
import type { PeriodKind } from '../mechanics/definition.js';
import type { PlayerState } from '../mechanics/player-state.js';
import { limitOf } from '../page.js';
import { playersOf } from '../players/player-rows.js';
import { levelNameOf, toChallenge, toRating } from '../players/player-view.js';
import type { PlayerChallenge, PlayerRating } from '../players/players.js';
import { inShort, isIdentifier, needIdentifier, needOneOf } from '../validation.js';
import { boardValue, challengeBoard, ratingBoard } from './board-names.js';
import {
  type BoardMember,
  memberOf,
  membersAmong,
  membersAround,
  membersFrom,
  membersOfGroup,
} from './board-places.js';
import { type BoardQuery, Leaderboards, type TopQuery } from './leaderboards.js';

/** Places of a leaderboard, unless told. */
const DEFAULT_LIMIT = 10;
/** Most users that a board can be restricted to. */
const MAX_USERS = 1_000;
/** Most players on either side of one. */
const MAX_AROUND = 100;

const PERIODS: readonly string[] = ['all', 'day', 'week', 'month', 'season'] satisfies readonly PeriodKind[];

/** {@link Leaderboards} as the engine keeps them. A rating or a challenge that the mechanics do not have is refused. */
export class EmbeddedLeaderboards extends Leaderboards {
  constructor(
    private readonly database: Database,
    private readonly mechanics: CompiledMechanics,
    private readonly clock: Clock,
  ) {
    super();
  }

  async top(ratingId: string, query: TopQuery = {}): Promise<readonly PlayerRating[]> {
    const { offset = 0, limit = DEFAULT_LIMIT, sort = 'asc', users, friendsOf, group } = query;
    needOneOf('sort', sort, ['asc', 'desc']);
    needWholeNumber('offset', offset, Number.MAX_SAFE_INTEGER);
    const range = { offset, limit: limitOf({ limit }), sort };
    const restrictions = Object.entries({ users, friendsOf, group }).filter(([, each]) => each !== undefined);
    if (restrictions.length > 1) {
      const names = restrictions.map(([name]) => name).join(' and ');
      throw new InvalidQueryError(`${names} are given, allowed: one of them`);
    }
    if (users !== undefined && !(Array.isArray(users) && users.length <= MAX_USERS)) {
      throw new InvalidQueryError(`users is ${inShort(users)}, allowed: a list of at most ${MAX_USERS}`);
    }
    if (group !== undefined) this.needGroup(group);
    if (friendsOf !== undefined) needIdentifier('friendsOf', friendsOf);
    return this.rated(ratingId, query, async (sql, board) => {
      if (friendsOf !== undefined) {
        return membersAmong(sql, board, [friendsOf, ...(await friendIdsOf(sql, friendsOf))], range);
      }
      if (users !== undefined) return membersAmong(sql, board, users, range);
      // What can be no trait's value in the database is nobody's.
      if (group !== undefined && !isIdentifier(group.value)) return [];
      if (group !== undefined) return membersOfGroup(sql, board, group, range);
      return membersFrom(sql, board, range);
    });
  }

  async rank(ratingId: string, userId: string, query: BoardQuery = {}): Promise<PlayerRating | undefined> {
    needIdentifier('userId', userId);
    const [own] = await this.rated(ratingId, query, async (sql, board) => {
      const member = await memberOf(sql, board, userId);
      return member ? [member] : [];
    });
    return own;
  }

  async around(
    ratingId: string,
    userId: string,
    n: number,
    query: BoardQuery = {},
  ): Promise<readonly PlayerRating[]> {
    needIdentifier('userId', userId);
    needWholeNumber('n', n, MAX_AROUND);
    return this.rated(ratingId, query, (sql, board) => membersAround(sql, board, userId, n));
  }

  async topOfChallenge(
    challengeId: string,
    { limit = DEFAULT_LIMIT }: Pick<TopQuery, 'limit'> = {},
  ): Promise<readonly PlayerChallenge[]> {
    const challenge = this.mechanics.challenges.get(challengeId);
    if (!challenge) throw unknown('challengeId', challengeId, this.mechanics.challenges);
    const range = { offset: 0, limit: limitOf({ limit }), sort: 'asc' } as const;
    const { members, states } = await this.members(
      (sql) => membersFrom(sql, challengeBoard(challengeId), range),
      true,
    );
    return members.flatMap(({ userId }) => {
      const state = states.get(userId);
      return state ? (toChallenge(userId, state, challenge) ?? []) : [];
    });
  }

  private async rated(
    ratingId: string,
    query: BoardQuery,
    load: (sql: Sql, board: string) => Promise<readonly BoardMember[]>,
  ): Promise<readonly PlayerRating[]> {
    const { mechanics } = this;
    const rating = mechanics.ratings.get(ratingId);
    if (!rating) throw unknown('ratingId', ratingId, mechanics.ratings);
    const now = this.clock.now();
    const period = this.periodOf(rating, query, now);
    if (period === undefined) return [];
    const board = ratingBoard(ratingId, period);
    const { members, states } = await this.members(
      (sql) => load(sql, board),
      rating.definition.levels !== undefined,
    );
    return members.map(({ userId, behind, place }) => {
      const state = states.get(userId);
      const level = state && levelNameOf(state, rating, now, mechanics);
      return toRating(userId, rating, period, boardValue(behind, rating.lowerIsBetter), place, level);
    });
  }

  /** @param withStates whether to load what the players' events have come to */
  private members(load: (sql: Sql) => Promise<readonly BoardMember[]>, withStates: boolean) {
    return this.database.read(async (sql) => {
      const members = await load(sql);
      const userIds = withStates ? members.map(({ userId }) => userId) : [];
      const players = await playersOf(sql, userIds);
      const states = new Map(players.map(({ userId, state }): [string, PlayerState] => [userId, state]));
      return { members, states };
    });
  }

  /** The name of the board that is asked for; nothing where no season runs. */
  private periodOf({ id, periods }: CompiledRating, { period }: BoardQuery, now: number): string | undefined {
    const { calendar } = this.mechanics;
    const [first = 'all'] = periods;
    if (period === undefined) return calendar.periodOf(first, now, undefined);
    const kind = periods.find((each) => each === period);
    if (kind !== undefined) return calendar.periodOf(kind, now, undefined);
    if (!PERIODS.includes(period) && periods.some((each) => calendar.isOfKind(each, period))) return period;
    throw new InvalidQueryError(
      `period is ${inShort(period)}, allowed for ${id}: ${periods.join(', ')}, or the name of such a board`,
    );
  }

  private needGroup(group: unknown): void {
    const { groups = [] } = this.mechanics.definition;
    const isGroup =
      typeof group === 'object' &&
      group !== null &&
      'trait' in group &&
      groups.some((trait) => trait === group.trait) &&
      'value' in group &&
      typeof group.value === 'string';
    if (isGroup) return;
    throw new InvalidQueryError(
      `group is ${inShort(group)}, allowed: { trait, value } with a trait of the mechanics' groups (${groups.join(', ') || 'none'})`,
    );
  }
}

function needWholeNumber(name: string, value: unknown, max: number): void {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max) return;
  throw new InvalidQueryError(`${name} is ${inShort(value)}, allowed: a whole number from 0 to ${max}`);
}

function unknown(name: string, id: unknown, all: ReadonlyMap<string, unknown>): InvalidQueryError {
  const ids = [...all.keys()];
  const some = ids.length > 20 ? `${ids.slice(0, 20).join(', ')} …` : ids.join(', ');
  return new InvalidQueryError(
    `${name} is ${inShort(id)}, allowed: ${some || 'none: the mechanics have none'}`,
  );
}
