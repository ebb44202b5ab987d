import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { boardValue, challengeBoard, ratingBoard } from '../leaderboards/board-names.js';
import { type BoardKey, boardsOf } from '../leaderboards/boards.js';
import { groupOf, writeGroups } from '../leaderboards/player-groups.js';
import { type Changes, NO_CHANGES } from '../mechanics/changes.js';
import {
  emptyState,
  type PlayerState,
  progressStanding,
  standingOn,
  stateFromJson,
} from '../mechanics/player-state.js';
import type { Gift } from '../mechanics/rating-cell.js';
import type { World } from '../mechanics/turn.js';
import {
  FinishedBoards,
  type Move,
  type ProgressMove,
  type RatingMove,
  type StateChanges,
  Watch,
} from '../mechanics/watch.js';
import { Balances } from '../wallets/balances.js';
import { type Arrival, arrive, horizonOf, NO_ARRIVALS } from './arrival.js';
import { ChallengePlaces } from './challenge-places.js';
import { Effects } from './effects.js';
import type { Engine } from './engine.js';
import { applyPlaced, insertPlaced, type PlacedEvent } from './history.js';
import { OpenActions } from './open-actions.js';
import { type PlayerRecord, recordFrom } from './player-record.js';
import { lastPositions, lockPlayers, placedEvents, saveActions, savePlayers } from './player-store.js';
import { shortOf } from './recording.js';

const FORGET_CHECKPOINT = new Statement('delete from gamification_checkpoints where user_id = $1');
const FORGET_ACTIONS = new Statement('delete from gamification_actions where user_id = $1');

/** A player whose events are to be gone through again, from the first. */
export interface PlayerReplay {
  readonly userId: string;
  /** Whether what comes out is to take the place of what there is. */
  readonly apply: boolean;
}

/** What all events of a player come to. */
interface Told {
  readonly state: PlayerState;
  readonly actions: OpenActions;
  readonly arrival: Arrival;
  /** Where the player stands on each board, finished ones included. */
  readonly standings: ReadonlyMap<string, Standing>;
}

type Standing = Pick<RatingMove, 'rating' | 'period'> & { readonly gift: Gift };

/** Goes through the logs of players with the mechanics of now, and says what differs from what they have. */
export class ReplayPlayer implements WriteCommand<PlayerReplay, Changes> {
  readonly name = 'events-replay';

  constructor(private readonly engine: Engine) {}

  async run(sql: Sql, replays: readonly PlayerReplay[]): Promise<readonly Written<Changes>[]> {
    const results: Written<Changes>[] = [];
    for (const replay of replays) results.push({ ok: true, value: await this.replay(sql, replay) });
    return results;
  }

  private async replay(sql: Sql, { userId, apply }: PlayerReplay): Promise<Changes> {
    const { engine } = this;
    const { mechanics } = engine;
    const known = await lockPlayers(sql, [userId], undefined);
    const isKnown = known.length > 0 || (await lastPositions(sql, [userId])).get(userId) !== 0;
    if (!isKnown) return { ...NO_CHANGES };
    // On PostgreSQL, a player has to be there to be locked.
    const [row] = known.length > 0 ? known : await lockPlayers(sql, [userId], engine.newPlayer());
    const record = row ? recordFrom(row) : engine.newRecord();
    const before = row ? stateFromJson(row.state) : emptyState();
    const places = await ChallengePlaces.lock(sql, this.undecided(record));
    const told = await this.tell(sql, userId, (challengeId) => engine.takePlace(record, places, challengeId));
    const watch = new Watch(mechanics, Math.max(before.at, told.state.at));
    // Of boards, more is known than the state has.
    const none = new FinishedBoards();
    watch.everything(before, told.state, { before: none, after: none });
    const wallets = new Set([
      ...mechanics.resources.keys(),
      ...Object.keys(before.due),
      ...Object.keys(told.state.due),
      ...Object.keys(before.short),
    ]);
    const balances = await Balances.lock(
      sql,
      [...wallets].map((resource) => [userId, resource]),
    );
    const effects = new Effects(engine, balances);
    const moves = this.moves(await boardsOf(sql, userId), told);
    const differences = watch.changes(told.state);
    const owed = { ...record.owed };
    const resources = differences.resources.flatMap(({ resource, amount }) => {
      // What earlier replays could not take is not given back.
      const kept = Math.min(Math.max(amount, 0), owed[resource] ?? 0);
      if (kept > 0) owed[resource] = (owed[resource] ?? 0) - kept;
      return amount === kept ? [] : [{ resource, amount: amount - kept }];
    });
    const changes = effects.book(
      { userId, eventId: undefined, reason: 'replay', ranked: false, told: false },
      { ...differences, ...moves, resources },
    );
    for (const [resource, short] of Object.entries(shortOf({ resources }, changes))) {
      owed[resource] = (owed[resource] ?? 0) + short;
    }
    if (!apply) return changes;
    for (const board of moves.left) effects.leave(board, userId);
    sql.queue(FORGET_CHECKPOINT.with(userId));
    sql.queue(FORGET_ACTIONS.with(userId));
    saveActions(sql, userId, told.actions.all);
    const { arrival, state } = told;
    const checkpoint = { at: NO_ARRIVALS.latest, since: arrival.seq };
    const renewed = { ...record, arrival, checkpoint, mechanics: engine.fingerprint, owed };
    savePlayers(sql, [{ userId, state, record: renewed }]);
    places.write(sql);
    const groups = mechanics.definition.groups ?? [];
    writeGroups(
      sql,
      groups.map((trait) => ({ userId, trait, value: groupOf(state.traits[trait]) })),
    );
    await effects.write(sql);
    return changes;
  }

  /** Events are applied as soon as none can come to stand before them, so that only those of the horizon are in memory. */
  private async tell(sql: Sql, userId: string, takePlace: World['takePlace']): Promise<Told> {
    const { mechanics, concerns, report } = this.engine;
    const state = emptyState();
    const actions = new OpenActions([]);
    const standings = new Map<string, Standing>();
    const stand = ({ rating, period, gift }: Standing) =>
      standings.set(ratingBoard(rating.id, period), { rating, period, gift });
    const world = {
      takePlace,
      report,
      mayTake: () => true,
      finished: (rating: Standing['rating'], period: string, gift: Gift) => stand({ rating, period, gift }),
    };
    const waiting: PlacedEvent[] = [];
    const applyUntil = (horizon: number) => {
      const end = waiting.findIndex(({ order }) => order.at >= horizon);
      for (const event of waiting.splice(0, end < 0 ? waiting.length : end)) {
        applyPlaced(mechanics, state, actions, event, world, new Watch(mechanics, event.order.at));
      }
    };
    let arrival = NO_ARRIVALS;
    for await (const event of placedEvents(sql, userId, { position: 0, arrival }, mechanics, concerns)) {
      insertPlaced(waiting, event);
      arrival = arrive(event.before, event.order.at, mechanics.lateness).after;
      applyUntil(horizonOf(arrival, mechanics.lateness));
    }
    applyUntil(Number.POSITIVE_INFINITY);
    for (const rating of mechanics.ratings.values()) {
      for (const period of Object.keys(state.ratings[rating.id] ?? {})) {
        const gift = standingOn(state, rating, period);
        if (gift) stand({ rating, period, gift });
      }
    }
    return { state, actions, arrival, standings };
  }

  /** How a player moves from the boards as they are to where the events say. */
  private moves(
    boards: ReadonlyMap<string, BoardKey>,
    { state, standings }: Told,
  ): Pick<StateChanges, 'ratings' | 'progress'> & { readonly left: readonly string[] } {
    const { mechanics } = this.engine;
    const known = new Set<string>();
    const ratings: RatingMove[] = [];
    for (const rating of mechanics.ratings.values()) {
      const prefix = ratingBoard(rating.id, '');
      const names = [...boards.keys(), ...standings.keys()].filter((board) => board.startsWith(prefix));
      for (const board of new Set(names)) {
        known.add(board);
        const key = boards.get(board);
        const from: Gift | undefined = key && [boardValue(key.behind, rating.lowerIsBetter), key.reachedAt];
        const to = standings.get(board)?.gift;
        if (differs({ from, to })) ratings.push({ rating, period: board.slice(prefix.length), from, to });
      }
    }
    const progress: ProgressMove[] = [];
    for (const challenge of mechanics.challenges.values()) {
      const board = challengeBoard(challenge.id);
      known.add(board);
      const key = boards.get(board);
      const from: Gift | undefined = key && [boardValue(key.behind, false), key.reachedAt];
      const to = progressStanding(state.challenges[challenge.id], challenge.steps);
      if (differs({ from, to })) progress.push({ challengeId: challenge.id, from, to });
    }
    return { ratings, progress, left: [...boards.keys()].filter((board) => !known.has(board)) };
  }

  private undecided({ places }: PlayerRecord): readonly string[] {
    const challenges = [...this.engine.mechanics.challenges.values()];
    return challenges
      .filter(({ id, definition }) => definition.limit !== undefined && places[id] === undefined)
      .map(({ id }) => id)
      .sort();
  }
}

function differs({ from, to }: Move): boolean {
  return from?.[0] !== to?.[0] || from?.[1] !== to?.[1];
}
