import { Injectable } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';
import type { Changes } from '../mechanics/changes.js';
import { needIdentifier } from '../validation.js';
import type { Engine } from './engine.js';
import { ReplayPlayer } from './replay-player.js';

/** Players that are gone through between two reports of progress. */
const PAGE = 100;

/** Also users who have no player, as none of their events had an effect so far. */
const USERS = `
  select user_id from gamification_players union select user_id from gamification_events`;
const PLAYERS = new Statement(`
  select user_id from (
    select * from (
      select user_id from gamification_players where user_id > $1 order by user_id limit $2) players
    union
    select * from (
      select user_id from gamification_events where user_id > $1 group by user_id order by user_id limit $2) events
  ) users order by user_id limit $2`);
const COUNT = new Statement(`select count(*) as total from (${USERS}) users`);

/** Which players are gone through, and what for. */
export interface ReplayOptions {
  /** `true`: what comes out takes the place of what there is. Unless told, it is only said what would change. */
  readonly apply?: boolean;
  /** Only these users. */
  readonly userIds?: readonly string[];
}

/** How far a replay is. */
export interface ReplayProgress {
  /** Players that were gone through so far. */
  readonly players: number;
  /** Players there were when it began. */
  readonly total: number;
  /** Of those since the last report, the players for whom something is, or would be, different. */
  readonly differences: readonly PlayerDifference[];
}

/** What a replay changes for a player. */
export interface PlayerDifference {
  readonly userId: string;
  readonly changes: Changes;
}

/**
 * Applies the mechanics of now to all that happened before, as if they had always been so.
 *
 * ```ts
 * for await (const { players, total, differences } of replays.run({ apply: true })) …
 * ```
 *
 * Each player is locked only while their own events are gone through; the application goes on meanwhile. Wallets get an
 * entry of the difference; where a wallet holds less than is to be taken, what is left is taken, unless the resource may be
 * overdrawn. No messages are sent.
 */
@Injectable()
export class Replays {
  private readonly command: ReplayPlayer;

  constructor(
    private readonly database: Database,
    engine: Engine,
  ) {
    this.command = new ReplayPlayer(engine);
  }

  /**
   * Goes through players, by user id, while its reports are read. Whoever stops reading stops the replay.
   *
   * @throws InvalidQueryError for a user id that cannot be one
   * @throws StorageUnavailableError; what was reported as applied is
   */
  async *run({
    apply = false,
    userIds,
  }: ReplayOptions = {}): AsyncGenerator<ReplayProgress, void, undefined> {
    for (const userId of userIds ?? []) needIdentifier('userIds', userId);
    const total = userIds?.length ?? (await this.count());
    let players = 0;
    for await (const page of userIds ? pagesOf(userIds) : this.pages()) {
      const differences: PlayerDifference[] = [];
      for (const userId of page) {
        const changes = await this.database.write(this.command, { userId, apply }, { keys: [userId] });
        if (Object.values(changes).some((list) => list.length > 0)) differences.push({ userId, changes });
      }
      players += page.length;
      yield { players, total, differences };
    }
  }

  private async count(): Promise<number> {
    const [row] = await this.database.read((sql) => sql.rows<{ total: number | string }>(COUNT.with()));
    return Number(row?.total ?? 0);
  }

  private async *pages(): AsyncGenerator<readonly string[]> {
    let after = '';
    for (;;) {
      const rows = await this.database.read((sql) =>
        sql.rows<{ user_id: string }>(PLAYERS.with(after, PAGE)),
      );
      const page = rows.map(({ user_id }) => user_id);
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      after = page.at(-1) ?? '';
    }
  }
}

function* pagesOf(userIds: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < userIds.length; start += PAGE) yield userIds.slice(start, start + PAGE);
}
