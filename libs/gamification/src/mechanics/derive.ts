import type {
  CompiledBadge,
  CompiledChallenge,
  CompiledCondition,
  CompiledFeature,
  Plan,
} from './compiled-mechanics.js';
import type { Inputs } from './expression.js';
import { addGrant } from './grant-list.js';
import { valueAt } from './player-state.js';
import type { Turn } from './turn.js';

/** Brings up to date what follows from the rest of the state: completed challenges, levels, badges and features. */
export function derive(turn: Turn, plan: Plan): void {
  for (const challenge of plan.challenges) complete(turn, challenge);
  const inputs = turn.inputs(plan, {});
  for (const badge of plan.badges) award(turn, badge, inputs);
  for (const feature of plan.features) openFeature(turn, feature, inputs);
}

/** A challenge is complete as long as all of its steps are passed, and so long its reward is the player's. */
function complete(turn: Turn, challenge: CompiledChallenge): void {
  const { state } = turn;
  const known = state.challenges[challenge.id];
  if (!known) return;
  const complete = challenge.steps.every(({ id }) => known.steps[id]?.at !== undefined);
  if (complete === (known.done !== undefined)) return;
  turn.watch.challenge(state, challenge);
  if (known.done) {
    for (const [resource, amount] of known.done.gave) turn.addToDue(resource, -amount);
    delete known.done;
    return;
  }
  const { limit } = challenge.definition;
  const rewarded = limit === undefined || turn.world.takePlace(challenge.id);
  const gave = rewarded
    ? challenge.rewards.map(({ resource, amount }): [string, number] => [resource, amount])
    : [];
  known.done = { at: turn.at, gave };
  for (const [resource, amount] of gave) turn.addToDue(resource, amount);
}

function award(turn: Turn, badge: CompiledBadge, inputs: Inputs): void {
  const { state, at } = turn;
  const { id, condition } = badge;
  const holds = isMet(turn, condition, inputs);
  const grants = state.badges[id];
  if (!badge.permanent) {
    if (holds === (grants !== undefined)) return;
    turn.watch.badge(state, id);
    if (holds) state.badges[id] = { n: 1, f: at };
    else delete state.badges[id];
    return;
  }
  if (!isEarned(turn, badge, holds)) return;
  turn.watch.badge(state, id);
  state.badges[id] = addGrant(grants, at, turn.open);
  turn.give(['badge', id, at]);
}

/** Whether a permanent badge is earned by this event. */
function isEarned(turn: Turn, { id, condition, repeat }: CompiledBadge, holds: boolean): boolean {
  const { state } = turn;
  const times = state.badges[id]?.n ?? 0;
  if (!repeat) return holds && times === 0;
  if (condition.kind === 'count')
    return Math.floor((state.counts[condition.key] ?? 0) / condition.times) > times;
  const held = state.holding.includes(id);
  if (holds !== held)
    state.holding = holds ? [...state.holding, id] : state.holding.filter((each) => each !== id);
  return holds && !held;
}

function openFeature(turn: Turn, { id, condition }: CompiledFeature, inputs: Inputs): void {
  const { state } = turn;
  const holds = isMet(turn, condition, inputs);
  if (holds === (state.features[id] !== undefined)) return;
  turn.watch.feature(state, id);
  if (holds) state.features[id] = turn.at;
  else delete state.features[id];
}

function isMet(turn: Turn, condition: CompiledCondition, inputs: Inputs): boolean {
  const { state, mechanics } = turn;
  switch (condition.kind) {
    case 'expression':
      return turn.test(condition.expression, inputs);
    case 'count':
      return (state.counts[condition.key] ?? 0) >= condition.times;
    case 'rating': {
      const rating = mechanics.ratings.get(condition.rating);
      const value = rating && valueAt(state, rating, turn.at, mechanics);
      if (!rating || !value) return false;
      const number = value[0] / rating.scale;
      return condition.atLeast <= number && number <= condition.atMost;
    }
    case 'streak':
      return turn.lengthOf(condition.streak) >= condition.length;
  }
}
