import { type CompiledMechanics, type Plan, planKey } from './compiled-mechanics.js';
import { withWhatFollows } from './concern.js';
import { derive } from './derive.js';
import { give } from './give.js';
import type { Given } from './given.js';
import type { PlayerState } from './player-state.js';
import { Turn, type World } from './turn.js';
import { undo } from './undo.js';
import type { Watch } from './watch.js';

/** An event as the mechanics see it. */
export interface AppliedEvent {
  readonly type: string;
  readonly action: string | undefined;
  readonly traits: Readonly<Record<string, unknown>>;
  /** When it occurred, in milliseconds since 1970: never before what the state has seen. */
  readonly at: number;
}

/** The type of events that tell traits of a user. */
export const IDENTIFY = '$identify';

/** Most characters of all traits of a user as JSON. More are not taken. */
const MAX_TRAITS_LENGTH = 64 * 1024;

/**
 * Applies an event to a player's state.
 *
 * @param seq its number, which no other event of the player has, where it can be taken back
 * @returns what it gave that can be taken back, where it can
 * @throws Overdraft when a rule is to take more than there is; then nothing was changed
 */
export function applyEvent(
  mechanics: CompiledMechanics,
  state: PlayerState,
  event: AppliedEvent,
  seq: number | undefined,
  world: World,
  watch: Watch,
): readonly Given[] {
  const turn = new Turn(mechanics, state, event.at, seq, world, watch);
  if (event.type === IDENTIFY) {
    state.at = event.at;
    tell(turn, event.traits);
    derive(turn, mechanics.identify);
    return [];
  }
  const plan = mechanics.plans.get(planKey(event.type, event.action));
  if (plan) give(turn, plan, event.traits);
  state.at = event.at;
  if (plan) derive(turn, plan);
  return turn.given;
}

/**
 * Takes back what an event gave, and nothing else.
 *
 * @param taken its type, its number, and what it gave
 * @param at when it is taken back
 */
export function takeBack(
  mechanics: CompiledMechanics,
  state: PlayerState,
  { type, seq, given }: { readonly type: string; readonly seq: number; readonly given: readonly Given[] },
  at: number,
  world: World,
  watch: Watch,
): void {
  const turn = new Turn(mechanics, state, at, undefined, world, watch);
  state.at = at;
  for (const each of given) undo(turn, each, seq);
  const plan = mechanics.plans.get(planKey(type, undefined)) ?? NOTHING;
  derive(turn, withWhatFollows(plan, mechanics, given));
}

/** The plan of an event that concerns nothing. */
const NOTHING: Plan = {
  counters: [],
  rules: [],
  streaks: [],
  steps: [],
  badges: [],
  features: [],
  challenges: [],
  resources: [],
  balancesRead: [],
  ratingsRead: [],
  countsRead: [],
  streaksRead: [],
};

/** Adds traits to those of the user. */
function tell(turn: Turn, traits: Readonly<Record<string, unknown>>): void {
  const { state } = turn;
  // As an own property, whatever its name.
  const merged = Object.fromEntries([...Object.entries(state.traits), ...Object.entries(traits)]);
  if (JSON.stringify(merged).length <= MAX_TRAITS_LENGTH) state.traits = merged;
  else
    turn.world.report(new RangeError(`the traits of a user are longer than ${MAX_TRAITS_LENGTH} characters`));
}
