import { applyEvent, takeBack } from '../mechanics/apply-event.js';
import type { CompiledMechanics } from '../mechanics/compiled-mechanics.js';
import type { Given } from '../mechanics/given.js';
import { addShort, emptyState, type PlayerState, paidOf } from '../mechanics/player-state.js';
import type { World } from '../mechanics/turn.js';
import { FinishedBoards, Watch } from '../mechanics/watch.js';
import { type Arrival, compareOrder, type EventOrder, NO_ARRIVALS } from './arrival.js';
import { type Action, OpenActions } from './open-actions.js';

/** An event of a player, at its place among the others. */
export interface PlacedEvent {
  readonly order: EventOrder;
  readonly id: string;
  /** Its position in the log; nothing while it is not there yet. */
  readonly position: number | undefined;
  /** What its place depended on. */
  readonly before: Arrival;
  readonly type: string;
  readonly action: string | undefined;
  readonly key: string | undefined;
  readonly traits: Readonly<Record<string, unknown>>;
  /** What wallets held beyond what events gave when it was recorded, by resource, as far as it was looked at. */
  readonly beyond: Readonly<Record<string, number>>;
  /** How much less was taken than the event said, by resource, because wallets did not hold it. */
  readonly short: Readonly<Record<string, number>>;
}

/** A player in the past, from where the events since can be gone through again. */
export interface Checkpoint {
  readonly order: EventOrder;
  readonly state: PlayerState;
  /** All events behind this position of the log are to be looked at: those that `state` has, too, are left out by their order. */
  readonly position: number;
  /** What the place of the first event behind `position` depends on. */
  readonly arrival: Arrival;
}

/** Before the first event. */
export function genesis(): Checkpoint {
  return {
    order: { at: NO_ARRIVALS.latest, seq: 0 },
    state: emptyState(),
    position: 0,
    arrival: NO_ARRIVALS,
  };
}

/** What the outside world says to an event that was recorded before. */
export interface PastWorld {
  takePlace(challengeId: string): boolean;
  report(error: unknown): void;
}

/** What events come to. */
export interface Retold {
  readonly state: PlayerState;
  readonly actions: OpenActions;
  /** What the player had on boards that were let go of on the way. */
  readonly finished: FinishedBoards;
  /** The latest place from where this can be gone through again, if it is another than the first. */
  readonly checkpoint: Checkpoint | undefined;
}

/**
 * Goes through events of a player again.
 *
 * @param from where to begin; is not changed
 * @param events in the order in which they occurred, all behind `from`
 * @param candidates actions before `from` that the removes among the events may take back, open as they were there
 * @param horizon before which no further event can come: the checkpoint will be there
 */
export function retell(
  mechanics: CompiledMechanics,
  from: Checkpoint,
  events: readonly PlacedEvent[],
  candidates: readonly Action[],
  horizon: number,
  world: PastWorld,
): Retold {
  const state = structuredClone(from.state);
  const finished = new FinishedBoards();
  const actions = new OpenActions(candidates.map((action) => ({ ...action })));
  const behind = events.findIndex(({ order, position }) => order.at >= horizon || position === undefined);
  let checkpoint: Checkpoint | undefined;
  for (const [index, event] of events.entries()) {
    if (index === behind && index > 0) checkpoint = checkpointBefore(index, events, state);
    applyPlaced(
      mechanics,
      state,
      actions,
      event,
      { ...world, mayTake: () => true, finished: finished.add },
      new Watch(mechanics, event.order.at),
    );
  }
  return { state, actions, finished, checkpoint };
}

/**
 * Applies an event at the end of what a player has.
 *
 * @throws Overdraft when a rule of it is to take more than `world` allows; then nothing was changed
 */
export function applyPlaced(
  mechanics: CompiledMechanics,
  state: PlayerState,
  actions: OpenActions,
  event: PlacedEvent,
  world: Omit<World, 'beyondEvents'>,
  watch: Watch,
): void {
  const { order, id: eventId, type, action, key, traits, beyond, short } = event;
  const { at } = order;
  const full: World = {
    beyondEvents: (resource) => beyond[resource] ?? 0,
    takePlace: (challengeId) => world.takePlace(challengeId),
    mayTake: (resource, amount) => world.mayTake(resource, amount),
    report: (error) => world.report(error),
    finished: (rating, period, standing) => world.finished?.(rating, period, standing),
  };
  const paid = Object.keys(short).map((resource) => [resource, paidOf(state, resource)] as const);
  if (action === 'remove') {
    const closed = actions.close(type, key, order);
    if (closed) {
      const { given, order: own } = closed;
      takeBack(mechanics, state, { type, seq: own.seq, given }, at, full, watch);
    } else state.at = at;
  } else {
    const open = action === 'create';
    const seq = open ? order.seq : undefined;
    const given = applyEvent(mechanics, state, { type, action, traits, at }, seq, full, watch);
    if (open) actions.add({ eventId, type, key, order, given, removed: undefined });
  }
  // Among other events than it was recorded with, an event may take less, or nothing.
  const missed = paid.flatMap(([resource, before]): [string, number][] => {
    const amount = Math.min(short[resource] ?? 0, before - paidOf(state, resource));
    return amount > 0 ? [[resource, amount]] : [];
  });
  fallShort(state, actions, eventId, Object.fromEntries(missed));
}

/** Less was taken than an event said. Where the event is taken back, what was not taken is not given. */
export function fallShort(
  state: PlayerState,
  actions: OpenActions,
  eventId: string,
  short: Readonly<Record<string, number>>,
): void {
  const given: Given[] = [];
  for (const [resource, amount] of Object.entries(short)) {
    addShort(state, resource, amount);
    given.push(['short', resource, amount]);
  }
  if (given.length > 0) actions.addTo(eventId, given);
}

function checkpointBefore(
  index: number,
  events: readonly PlacedEvent[],
  state: PlayerState,
): Checkpoint | undefined {
  const last = events[index - 1];
  if (!last) return undefined;
  const left = events.slice(index).filter(({ position }) => position !== undefined);
  const first = left.reduce<PlacedEvent | undefined>(
    (lowest, event) => (!lowest || (event.position ?? 0) < (lowest.position ?? 0) ? event : lowest),
    undefined,
  );
  if (!first) return undefined;
  return {
    order: last.order,
    state: structuredClone(state),
    position: (first.position ?? 0) - 1,
    arrival: first.before,
  };
}

/** Puts an event at its place. */
export function insertPlaced(events: PlacedEvent[], event: PlacedEvent): void {
  const behind = events.findLastIndex(({ order }) => compareOrder(order, event.order) < 0);
  events.splice(behind + 1, 0, event);
}
