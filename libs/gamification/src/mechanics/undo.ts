import type { Given } from './given.js';
import { takeGrant } from './grant-list.js';
import { takeGift } from './rating-cell.js';
import { takeDay } from './streak-days.js';
import type { Turn } from './turn.js';

/**
 * Takes back one thing that an event gave. What the mechanics no longer have is passed over.
 *
 * @param seq the event's number
 */
export function undo(turn: Turn, given: Given, seq: number): void {
  const { state, mechanics } = turn;
  switch (given[0]) {
    case 'count': {
      const [, key] = given;
      const left = (state.counts[key] ?? 0) - 1;
      if (left > 0) state.counts[key] = left;
      else delete state.counts[key];
      return;
    }
    case 'rating': {
      const [, id, period, value, at] = given;
      const rating = mechanics.ratings.get(id);
      const cell = state.ratings[id]?.[period];
      if (!rating || !cell) return;
      turn.watch.rating(state, rating, period);
      if (!takeGift(cell, rating.aggregate, [value, at], seq)) delete state.ratings[id]?.[period];
      return;
    }
    case 'level': {
      const [, id, level, at] = given;
      const rating = mechanics.ratings.get(id);
      if (!rating) return;
      const kept = (state.levels[id] ?? []).filter((each) => each[0] !== level || each[1] !== at);
      if (kept.length > 0) state.levels[id] = kept;
      else delete state.levels[id];
      return;
    }
    case 'use': {
      const [, rule, span, amount] = given;
      const use = state.uses[rule];
      if (use?.p !== span) return;
      use.n--;
      use.s -= amount;
      return;
    }
    case 'resource': {
      const [, resource, amount] = given;
      turn.addToDue(resource, -amount);
      return;
    }
    case 'short': {
      const [, resource, amount] = given;
      turn.addToShort(resource, -amount);
      return;
    }
    case 'day': {
      const [, id, day] = given;
      const streak = mechanics.streaks.get(id);
      const days = state.streaks[id];
      if (!streak || !days) return;
      turn.watch.streak(state, streak);
      if (!takeDay(days, day)) delete state.streaks[id];
      return;
    }
    case 'step': {
      const [, id, step, begun, passedAt] = given;
      const challenge = mechanics.challenges.get(id);
      const known = state.challenges[id]?.steps[step];
      // What counted before the challenge began anew is gone.
      if (!challenge || !known || state.challenges[id]?.first !== begun) return;
      turn.watch.challenge(state, challenge);
      known.n = Math.max(0, known.n - 1);
      if (known.at !== undefined && known.at === passedAt) delete known.at;
      return;
    }
    case 'badge': {
      const [, id, at] = given;
      const grants = state.badges[id];
      if (!grants) return;
      turn.watch.badge(state, id);
      if (!takeGrant(grants, at)) delete state.badges[id];
    }
  }
}
