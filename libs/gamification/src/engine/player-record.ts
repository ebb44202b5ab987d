import type { Arrival } from './arrival.js';

/** What is known of a player besides what the events have come to. */
export interface PlayerRecord {
  arrival: Arrival;
  /** Which mechanics the last event was applied with. */
  mechanics: string;
  /** By challenge that rewards only the first: whether the player has a place. Decided once. */
  places: Record<string, boolean>;
  /** What replays could not take of each resource, because the wallet did not hold it. */
  owed?: Record<string, number>;
  /** When the last event before the checkpoint occurred, and how many came since it. */
  checkpoint: { at: number; since: number };
}

/** A row of `gamification_players`. */
export interface PlayerRow {
  readonly user_id: string;
  readonly state: string;
  readonly record: string;
}

export function recordFrom(row: PlayerRow): PlayerRecord {
  return JSON.parse(row.record);
}
