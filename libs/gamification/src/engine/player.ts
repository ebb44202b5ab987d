import type { Sql } from '../database/sql.js';
import type { CheckedEvent } from '../events/event.js';
import type { PlayerState } from '../mechanics/player-state.js';
import type { World } from '../mechanics/turn.js';
import { FinishedBoards, type StateChanges, Watch } from '../mechanics/watch.js';
import { arrive, compareOrder, horizonOf } from './arrival.js';
import type { Engine } from './engine.js';
import {
  applyPlaced,
  type Checkpoint,
  fallShort,
  insertPlaced,
  type PlacedEvent,
  type Retold,
  retell,
} from './history.js';
import { type Action, OpenActions } from './open-actions.js';
import type { PlayerRecord } from './player-record.js';
import {
  type ActionsWanted,
  eventsBehind,
  loadCheckpoint,
  NOW,
  saveActions,
  saveCheckpoints,
} from './player-store.js';

/** How many events there are at least between a player's checkpoint and a later one. */
const CHECKPOINT_INTERVAL = 512;

/** What an event did to a player. */
export interface Attempt {
  readonly changes: StateChanges;
  /** Undoes it; not there for what is hardly ever refused by now. */
  readonly undo: (() => void) | undefined;
}

/** The events since a checkpoint, in the order in which they occurred. */
interface Past {
  readonly from: Checkpoint;
  readonly events: PlacedEvent[];
}

interface Applied {
  readonly watch: Watch;
  readonly undo: (() => void) | undefined;
}

type EventWorld = Omit<World, 'beyondEvents'>;

/** A player in a transaction that has locked their row. */
export class Player {
  private past: Past | undefined;
  private candidates: readonly Action[] = [];
  private actions = new OpenActions([]);
  /** Boards that the state has let go of since the checkpoint, where the past was read. */
  private finished = new FinishedBoards();
  private checkpoint: Checkpoint | undefined;
  private changed = false;
  private last: PlacedEvent | undefined;

  constructor(
    private readonly engine: Engine,
    readonly userId: string,
    public state: PlayerState,
    readonly record: PlayerRecord,
  ) {}

  /** Whether there is something to save. */
  get isChanged(): boolean {
    return this.changed;
  }

  /** Whether the past was read, so that any of the mechanics may change. */
  get isRetold(): boolean {
    return this.past !== undefined;
  }

  /** Whether the player was last changed by other mechanics, or by none. */
  get isOfOtherMechanics(): boolean {
    return this.record.mechanics !== this.engine.fingerprint;
  }

  /** Other mechanics: what was before them stays as it is. @param position that of the player's last event in the log */
  beginAnew(position: number): void {
    const { engine, record, state } = this;
    const { latest, seq } = record.arrival;
    record.mechanics = engine.fingerprint;
    record.arrival = { latest, seq, floor: latest, nextFloor: latest };
    record.checkpoint = { at: latest, since: 0 };
    // Without events there is nothing to begin behind.
    if (position === 0) return;
    this.checkpoint = {
      order: { at: latest, seq },
      state: structuredClone(state),
      position,
      arrival: record.arrival,
    };
  }

  /** Reads the past of a player, where one of these events comes late, or the checkpoint is to move on. */
  async prepare(sql: Sql, events: readonly Pick<CheckedEvent, 'occurredAt'>[]): Promise<void> {
    const { engine, record, userId } = this;
    const { lateness } = engine.mechanics;
    let { arrival } = record;
    let late = false;
    for (const { occurredAt } of events) {
      const { order, after } = arrive(arrival, occurredAt, lateness);
      if (order.at < arrival.latest) late = true;
      arrival = after;
    }
    const isOld = record.checkpoint.at < Math.max(record.arrival.latest - 2 * lateness, record.arrival.floor);
    const moves = record.checkpoint.since >= CHECKPOINT_INTERVAL && isOld;
    if (!late && !moves) return;
    const from = this.checkpoint ?? (await loadCheckpoint(sql, userId));
    this.past = { from, events: await eventsBehind(sql, userId, from, engine.mechanics, engine.concerns) };
  }

  /** Which actions the removes among these events, or of the past, may take back. */
  actionsWanted(
    events: readonly Pick<CheckedEvent, 'type' | 'action' | 'idempotenceKey'>[],
  ): ActionsWanted[] {
    const asOf = this.past?.from.order ?? NOW;
    const wanted = new Map<string, ActionsWanted>();
    const want = (type: string, key: string | undefined) => {
      const name = `${type}\n${key ?? ''}`;
      const limit = (wanted.get(name)?.limit ?? 0) + 1;
      wanted.set(name, { userId: this.userId, type, key, asOf, limit });
    };
    const removes = [
      ...events.map(({ type, action, idempotenceKey: key }) => ({ type, action, key })),
      ...(this.past?.events ?? []),
    ].filter(({ action }) => action === 'remove');
    for (const { type, key } of removes) want(type, key);
    // A remove with a key can take an action that one without would have found.
    return [...wanted.values()].map((each) =>
      each.key === undefined
        ? { ...each, limit: removes.filter(({ type }) => type === each.type).length }
        : each,
    );
  }

  setCandidates(actions: readonly Action[]): void {
    this.candidates = actions;
    this.actions = new OpenActions([...actions]);
  }

  /** Where the past was read: finds what is open now, behind it, and moves the checkpoint on. */
  goThroughPast(world: Pick<World, 'takePlace' | 'report'>): void {
    if (!this.past) return;
    const { actions, finished, checkpoint } = this.tell(this.past, world);
    this.actions = actions;
    this.finished = finished;
    this.keepCheckpoint(checkpoint);
  }

  /**
   * Applies an event.
   *
   * @param beyond what wallets hold beyond what events gave, by resource, as far as the event's conditions look at it
   * @throws Overdraft; then nothing was changed
   */
  apply(event: CheckedEvent, beyond: Readonly<Record<string, number>>, world: EventWorld): Attempt {
    const { engine, record } = this;
    const places = { ...record.places };
    const { mechanics } = engine;
    const before = record.arrival;
    const { order, after } = arrive(before, event.occurredAt, mechanics.lateness);
    const placed: PlacedEvent = {
      order,
      id: event.id,
      position: undefined,
      before,
      type: event.type,
      action: event.action,
      key: event.idempotenceKey,
      traits: JSON.parse(event.traits),
      beyond,
      short: {},
    };
    this.last = placed;
    const { watch, undo } =
      order.at < this.state.at ? this.applyLate(placed, world) : this.applyNext(placed, world);
    record.arrival = after;
    record.checkpoint.since++;
    this.changed = true;
    return {
      changes: watch.changes(this.state),
      undo:
        undo &&
        (() => {
          undo();
          record.arrival = before;
          record.checkpoint.since--;
          record.places = places;
        }),
    };
  }

  /** Less could be taken than the last event that was applied said. */
  fallShort(short: Readonly<Record<string, number>>, world: Pick<World, 'takePlace' | 'report'>): void {
    const { last, past } = this;
    if (!last) return;
    if (!past) {
      fallShort(this.state, this.actions, last.id, short);
      return;
    }
    past.events[past.events.indexOf(last)] = { ...last, short };
    const { state, actions, finished } = this.tell(past, world);
    Object.assign(this, { state, actions, finished });
  }

  /** Saves from where the player's past can be gone through again, before the events of this transaction are there. */
  writeCheckpoint(sql: Sql): void {
    if (!this.checkpoint) return;
    saveCheckpoints(sql, [{ userId: this.userId, checkpoint: this.checkpoint }]);
  }

  writeActions(sql: Sql): void {
    // What was gone through again may have been taken back by other events, or by none.
    saveActions(sql, this.userId, this.past ? this.actions.all : this.actions.changes);
  }

  private applyNext(event: PlacedEvent, world: EventWorld): Applied {
    const { mechanics } = this.engine;
    const watch = new Watch(mechanics, event.order.at);
    // What a remove takes is known only when it is applied; what rules take was looked at before.
    const before = event.action === 'remove' ? structuredClone(this.state) : undefined;
    const { add: finished } = this.finished;
    applyPlaced(mechanics, this.state, this.actions, event, { ...world, finished }, watch);
    this.past?.events.push(event);
    return {
      watch,
      undo:
        before &&
        (() => {
          this.state = before;
          this.actions.reopen(event.order);
          this.past?.events.pop();
        }),
    };
  }

  private applyLate(event: PlacedEvent, world: EventWorld): Applied {
    const { past, state, actions, finished } = this;
    if (!past) throw new Error('the past of a late event was not read');
    insertPlaced(past.events, event);
    const told = this.tell(past, world);
    this.state = told.state;
    this.actions = told.actions;
    this.finished = told.finished;
    const watch = new Watch(this.engine.mechanics, told.state.at);
    watch.everything(state, told.state, { before: finished, after: told.finished });
    return {
      watch,
      undo: () => {
        past.events.splice(past.events.indexOf(event), 1);
        Object.assign(this, { state, actions, finished });
      },
    };
  }

  private tell(past: Past, world: Pick<World, 'takePlace' | 'report'>): Retold {
    const { mechanics } = this.engine;
    const horizon = horizonOf(this.record.arrival, mechanics.lateness);
    return retell(mechanics, past.from, past.events, this.candidates, horizon, world);
  }

  private keepCheckpoint(checkpoint: Checkpoint | undefined): void {
    if (!checkpoint) return;
    this.checkpoint = checkpoint;
    const since =
      this.past?.events.filter(({ order }) => compareOrder(order, checkpoint.order) > 0).length ?? 0;
    this.record.checkpoint = { at: checkpoint.order.at, since };
  }
}
