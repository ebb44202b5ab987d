import type { Sql } from '../database/sql.js';
import { unbalanced } from '../leaderboards/balance-boards.js';
import { boardKey, challengeBoard, ratingBoard } from '../leaderboards/board-names.js';
import { type PlaceWanted, placesOf } from '../leaderboards/board-places.js';
import { type BoardChange, writeBoards } from '../leaderboards/boards.js';
import type { BalanceChange, Changes } from '../mechanics/changes.js';
import { messagesOf } from '../mechanics/messages.js';
import type { Gift } from '../mechanics/rating-cell.js';
import type { RatingMove, StateChanges } from '../mechanics/watch.js';
import { type NewNotification, writeNotifications } from '../notifications/notification-row.js';
import type { Balances } from '../wallets/balances.js';
import type { LedgerEntry } from '../wallets/ledger-entry.js';
import { BalanceOutOfRangeError, NotEnoughFundsError } from '../wallets/wallets.errors.js';
import type { Engine } from './engine.js';

/** How many players move on boards before it is looked whether boards are out of balance. */
const MOVES_BETWEEN_LOOKS = 256;

/** Whose changes they are, and why. */
export interface Cause {
  readonly userId: string;
  /** The event that made them, if one did. */
  readonly eventId: string | undefined;
  /** For the entries of wallets. */
  readonly reason: string;
  /** Whether the places on leaderboards are to be told. */
  readonly ranked: boolean;
  /** Whether the player gets the messages of the mechanics. */
  readonly told: boolean;
}

/** Changes whose places on leaderboards are filled in when they are known. */
export type OpenChanges = { -readonly [Kind in keyof Changes]: Changes[Kind] };

/** What a transaction changes outside of the players' own rows: wallets, boards, notifications. */
export class Effects {
  private readonly entries: LedgerEntry[] = [];
  private readonly boards = new Map<string, BoardChange>();
  private readonly rankings: {
    readonly userId: string;
    readonly changes: OpenChanges;
    readonly move: RatingMove;
  }[] = [];
  private readonly notifications: NewNotification[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly balances: Balances,
  ) {}

  /** Why a player cannot have such changes, if so: a wallet would be overdrawn, or hold more than it can. */
  refusal(userId: string, { resources }: Pick<StateChanges, 'resources'>): Error | undefined {
    for (const { resource, amount } of resources) {
      const total = this.balances.total(userId, resource);
      if (amount < 0 && total + amount < 0 && this.overdraftOf(resource) === 'refuse') {
        return new NotEnoughFundsError(userId, resource, -amount, total);
      }
      if (!Number.isSafeInteger(total + amount)) return new BalanceOutOfRangeError(userId, resource);
    }
    return undefined;
  }

  /** Makes changes happen. @returns them, as they are told */
  book(cause: Cause, changes: StateChanges): OpenChanges {
    const { mechanics, ids, clock } = this.engine;
    const told: OpenChanges = {
      ratings: changes.ratings.map(({ rating, period, from, to }) => ({
        ratingId: rating.id,
        period,
        from: from ? from[0] / rating.scale : null,
        to: to ? to[0] / rating.scale : null,
      })),
      levels: changes.levels,
      badges: changes.badges,
      challenges: changes.challenges,
      streaks: changes.streaks,
      features: changes.features,
      balances: changes.resources.flatMap((each) => this.pay(cause, each.resource, each.amount) ?? []),
      ranks: [],
    };
    const { userId, eventId = null } = cause;
    for (const move of changes.ratings) {
      const { rating, period, to } = move;
      this.move(ratingBoard(rating.id, period), userId, to, rating.lowerIsBetter);
      if (cause.ranked) this.rankings.push({ userId, changes: told, move });
    }
    for (const { challengeId, to } of changes.progress) {
      this.move(challengeBoard(challengeId), userId, to, false);
    }
    if (cause.told) {
      for (const message of messagesOf(mechanics, told)) {
        this.notifications.push({ ...message, id: ids.next(), userId, eventId, createdAt: clock.now() });
      }
    }
    return told;
  }

  /** Takes a player off a board. */
  leave(board: string, userId: string): void {
    this.move(board, userId, undefined, false);
  }

  /** Queues all of it, and fills in the places. */
  async write(sql: Sql): Promise<void> {
    this.balances.write(sql, this.entries);
    writeBoards(sql, [...this.boards.values()]);
    writeNotifications(sql, this.notifications);
    if (this.rankings.length > 0) await this.rank(sql);
    await this.lookAtBalance(sql);
  }

  /** Now and then, whether boards that players moved on are out of balance. */
  private async lookAtBalance(sql: Sql): Promise<void> {
    const { balancing } = this.engine;
    for (const { board } of this.boards.values()) balancing.moved.add(board);
    balancing.moves += this.boards.size;
    if (balancing.moves < MOVES_BETWEEN_LOOKS) return;
    for (const { board } of await unbalanced(sql, balancing.moved)) balancing.needed.add(board);
    balancing.moves = 0;
    balancing.moved.clear();
  }

  private overdraftOf(resource: string): 'refuse' | 'negative' | 'partial' {
    return this.engine.mechanics.resources.get(resource)?.overdraft ?? 'refuse';
  }

  private pay({ userId, eventId, reason }: Cause, resource: string, due: number): BalanceChange | undefined {
    const { ids, clock, authorityId, mechanics } = this.engine;
    const total = this.balances.total(userId, resource);
    const amount =
      due < 0 && this.overdraftOf(resource) !== 'negative' ? Math.max(due, -Math.max(0, total)) : due;
    if (amount === 0) return undefined;
    this.balances.applyAnyhow(userId, resource, amount);
    const name = mechanics.resources.get(resource)?.name ?? resource;
    this.entries.push({
      id: ids.next(),
      authorityId,
      userId,
      resource,
      createdAt: clock.now(),
      amount,
      reason: `${name}: ${reason}`,
      itemName: null,
      itemData: null,
      itemUsedAt: null,
      transferId: null,
      idempotencyKey: null,
      line: 0,
      eventId: eventId ?? null,
    });
    return { resourceKey: resource, amount, total: total + amount };
  }

  /** Of several moves of a player on one board, the last one counts. */
  private move(board: string, userId: string, to: Gift | undefined, lowerIsBetter: boolean): void {
    this.boards.set(`${board}\n${userId}`, { board, userId, to: to && boardKey(to, lowerIsBetter) });
  }

  /** Fills in where players would stand with what they had, and where they stand, now that all is written. */
  private async rank(sql: Sql): Promise<void> {
    const keys: PlaceWanted[] = [];
    for (const { userId, move } of this.rankings) {
      const { rating, period, from, to } = move;
      for (const gift of [from, to]) {
        if (!gift) continue;
        keys.push({
          board: ratingBoard(rating.id, period),
          userId,
          key: boardKey(gift, rating.lowerIsBetter),
        });
      }
    }
    const places = (await placesOf(sql, keys)).values();
    const next = (gift: Gift | undefined) => (gift ? (places.next().value ?? null) : null);
    for (const { changes, move } of this.rankings) {
      const from = next(move.from);
      const to = next(move.to);
      if (from === to) continue;
      changes.ranks = [...changes.ranks, { ratingId: move.rating.id, period: move.period, from, to }];
    }
  }
}
