import type { CompiledMechanics, CompiledRating, CompiledStreak, Plan } from './compiled-mechanics.js';
import type { Expression, Inputs } from './expression.js';
import type { Given } from './given.js';
import { addShort, type PlayerState, valueAt } from './player-state.js';
import type { Gift } from './rating-cell.js';
import { streakOn } from './streak-days.js';
import type { Watch } from './watch.js';

/** What the mechanics ask of the world outside of a player's events. */
export interface World {
  /** What a wallet held, beyond what events gave, when the event was recorded. */
  beyondEvents(resource: string): number;
  /** Takes one of the places of a challenge that rewards only the first. The same answer for ever. */
  takePlace(challengeId: string): boolean;
  /** Whether so much may be taken from a wallet; what was accepted once may. */
  mayTake(resource: string, amount: number): boolean;
  /** An expression could not be computed; what depends on it does not apply. */
  report(error: unknown): void;
  /** A board is let go of, with what the player has there. */
  finished?(rating: CompiledRating, period: string, standing: Gift): void;
}

/** The turn of one event: a player's state while it is changed, and all that is needed for it. */
export class Turn {
  /** What the event gave that can be taken back. */
  readonly given: Given[] = [];

  /**
   * @param at when the event occurred
   * @param seq the event's number, where what it gives can be taken back
   */
  constructor(
    readonly mechanics: CompiledMechanics,
    readonly state: PlayerState,
    readonly at: number,
    readonly seq: number | undefined,
    readonly world: World,
    readonly watch: Watch,
  ) {}

  /** Whether what the event gives can be taken back. */
  get open(): boolean {
    return this.seq !== undefined;
  }

  /** Notes what was given, where it can be taken back. */
  give(given: Given): void {
    if (this.open) this.given.push(given);
  }

  addToDue(resource: string, amount: number): void {
    const { state } = this;
    this.watch.resource(state, resource);
    state.due[resource] = (state.due[resource] ?? 0) + amount;
  }

  addToShort(resource: string, amount: number): void {
    const { state } = this;
    this.watch.resource(state, resource);
    addShort(state, resource, amount);
  }

  dayOf({ definition }: CompiledStreak): number {
    const { day, week } = this.mechanics.calendar.dayOf(this.at, this.timeZone);
    return definition.every === 'day' ? day : week;
  }

  lengthOf(id: string): number {
    const streak = this.mechanics.streaks.get(id);
    const days = this.state.streaks[id];
    return streak && days ? streakOn(this.dayOf(streak), days, streak.definition.freezes).length : 0;
  }

  /** What expressions are computed from: what they name is there, 0 where the player has nothing of it. */
  inputs(plan: Plan, event: Readonly<Record<string, unknown>>): Inputs {
    const { state, mechanics } = this;
    return {
      event,
      player: state.traits,
      ratings: record(plan.ratingsRead, (id) => {
        const rating = mechanics.ratings.get(id);
        return rating ? (valueAt(state, rating, this.at, mechanics)?.[0] ?? 0) / rating.scale : 0;
      }),
      balances: record(plan.balancesRead, (id) => (state.due[id] ?? 0) + this.world.beyondEvents(id)),
      counts: record(plan.countsRead, (type) => state.counts[type] ?? 0),
      streaks: record(plan.streaksRead, (id) => this.lengthOf(id)),
    };
  }

  test(expression: Expression, inputs: Inputs): boolean {
    try {
      return expression.test(inputs);
    } catch (error) {
      this.world.report(error);
      return false;
    }
  }

  number(expression: Expression, inputs: Inputs): number | undefined {
    try {
      return expression.number(inputs);
    } catch (error) {
      this.world.report(error);
      return undefined;
    }
  }

  get timeZone(): unknown {
    return this.state.traits.timeZone;
  }
}

const NOTHING: Readonly<Record<string, number>> = {};

function record(
  keys: readonly string[],
  numberOf: (key: string) => number,
): Readonly<Record<string, number>> {
  if (keys.length === 0) return NOTHING;
  const values: Record<string, number> = {};
  for (const key of keys) values[key] = numberOf(key);
  return values;
}
