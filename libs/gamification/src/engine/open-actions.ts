import type { Given } from '../mechanics/given.js';
import { compareOrder, type EventOrder } from './arrival.js';

/** An event that created something, and what it gave. */
export interface Action {
  readonly eventId: string;
  readonly type: string;
  readonly key: string | undefined;
  readonly order: EventOrder;
  given: readonly Given[];
  /** The place of the event that took it back. */
  removed: EventOrder | undefined;
}

/** The actions of a player that can be taken back, as far as they are needed. */
export class OpenActions {
  private readonly changed = new Set<Action>();

  /** @param actions in any order */
  constructor(private readonly actions: Action[]) {}

  /** Those that came or were taken back since. */
  get changes(): ReadonlySet<Action> {
    return this.changed;
  }

  /** All that are known. */
  get all(): readonly Action[] {
    return this.actions;
  }

  add(action: Action): void {
    this.actions.push(action);
    this.changed.add(action);
  }

  /** Adds to what an event gave, where it can be taken back. */
  addTo(eventId: string, given: readonly Given[]): void {
    const action = this.actions.findLast((each) => each.eventId === eventId);
    if (action) action.given = [...action.given, ...given];
  }

  /**
   * Closes the action that a remove takes back: the latest open one before it, with the remove's key if it has one.
   *
   * @returns nothing where there is none
   */
  close(type: string, key: string | undefined, by: EventOrder): Action | undefined {
    let found: Action | undefined;
    for (const action of this.actions) {
      const fits =
        action.removed === undefined && action.type === type && (key === undefined || action.key === key);
      if (fits && (!found || compareOrder(found.order, action.order) < 0)) found = action;
    }
    if (!found) return undefined;
    found.removed = by;
    this.changed.add(found);
    return found;
  }

  /** Opens what an event took back that was refused after all. */
  reopen(by: EventOrder): void {
    for (const action of this.actions) if (action.removed === by) action.removed = undefined;
  }
}
