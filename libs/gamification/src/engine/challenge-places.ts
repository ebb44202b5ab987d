import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';

/** Locked in one order (by challenge), behind the players. */
const LOCK = new Statement({
  sqlite: `
    select p.challenge_id, p.taken from each($1)
    join gamification_challenge_places p on p.challenge_id = each.value ->> 0`,
  postgres: `
    select p.challenge_id, p.taken from each($1)
    join gamification_challenge_places p on p.challenge_id = each.value ->> 0
    order by p.challenge_id for update of p`,
});

const MAKE = new Insert(
  'gamification_challenge_places',
  { challenge_id: 'text', taken: 'bigint' },
  'on conflict (challenge_id) do nothing',
);

const SAVE = new Insert(
  'gamification_challenge_places',
  { challenge_id: 'text', taken: 'bigint' },
  'on conflict (challenge_id) do update set taken = excluded.taken',
);

/** The places of challenges that reward only the first players who complete them, kept from others by a lock. */
export class ChallengePlaces {
  private readonly changed = new Set<string>();

  private constructor(private readonly taken: Map<string, number>) {}

  /** None that can be taken. */
  static none(): ChallengePlaces {
    return new ChallengePlaces(new Map());
  }

  /** @param challengeIds in order */
  static async lock(sql: Sql, challengeIds: readonly string[]): Promise<ChallengePlaces> {
    if (challengeIds.length === 0) return ChallengePlaces.none();
    sql.queue(MAKE.with(challengeIds.map((id) => [id, 0])));
    const rows = await sql.rows<{ challenge_id: string; taken: number | string }>(
      LOCK.with(challengeIds.map((id) => [id])),
    );
    return new ChallengePlaces(new Map(rows.map((row) => [row.challenge_id, Number(row.taken)])));
  }

  /** @returns whether there was one left */
  take(challengeId: string, limit: number): boolean {
    const taken = this.taken.get(challengeId) ?? limit;
    if (taken >= limit) return false;
    this.taken.set(challengeId, taken + 1);
    this.changed.add(challengeId);
    return true;
  }

  /** The challenges whose places were all taken when they were locked. */
  fullOf(limits: ReadonlyMap<string, number>): readonly string[] {
    return [...this.taken].flatMap(([id, taken]) => (taken >= (limits.get(id) ?? 0) ? id : []));
  }

  /** How it stands now. @returns what makes it stand so again */
  mark(): () => void {
    const taken = new Map(this.taken);
    return () => {
      for (const [id, before] of taken) this.taken.set(id, before);
    };
  }

  write(sql: Sql): void {
    if (this.changed.size > 0)
      sql.queue(SAVE.with([...this.changed].map((id) => [id, this.taken.get(id) ?? 0])));
  }
}
