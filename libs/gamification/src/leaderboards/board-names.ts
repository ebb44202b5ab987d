import type { Gift } from '../mechanics/rating-cell.js';
import type { BoardKey } from './boards.js';

/** The board of a rating for a period, such as `2026-W48`. Ids hold no slash. */
export function ratingBoard(ratingId: string, period: string): string {
  return `r/${ratingId}/${period}`;
}

/** The board of a challenge's progress. */
export function challengeBoard(challengeId: string): string {
  return `c/${challengeId}`;
}

/** Where a value stands on its board: who is further ahead has the smaller key. */
export function boardKey([value, reachedAt]: Gift, lowerIsBetter: boolean): BoardKey {
  // `0 - 0` is 0, where `-0` would not be.
  return { behind: lowerIsBetter ? value : 0 - value, reachedAt };
}

/** The value that a board's key stands for. */
export function boardValue(behind: number, lowerIsBetter: boolean): number {
  return lowerIsBetter ? behind : 0 - behind;
}
