import type { Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert } from '../database/statement.js';
import type { CheckedEvent, Outcome } from '../events/event.js';
import { type GroupChange, groupOf, writeGroups } from '../leaderboards/player-groups.js';
import { IDENTIFY } from '../mechanics/apply-event.js';
import { type Changes, NO_CHANGES } from '../mechanics/changes.js';
import { Overdraft } from '../mechanics/give.js';
import { stateFromJson } from '../mechanics/player-state.js';
import type { StateChanges } from '../mechanics/watch.js';
import { Balances, type WalletKey } from '../wallets/balances.js';
import { NotEnoughFundsError } from '../wallets/wallets.errors.js';
import { ChallengePlaces } from './challenge-places.js';
import { Effects, type OpenChanges } from './effects.js';
import type { Engine } from './engine.js';
import { type Attempt, Player } from './player.js';
import { recordFrom } from './player-record.js';
import { lastPositions, loadOpenActions, lockPlayers, savePlayers } from './player-store.js';

const SAVE_OUTCOMES = new Insert('gamification_outcomes', {
  event_id: 'text',
  outcome: 'text',
  beyond: 'text',
  short: 'text',
});

/** What is kept of an event's effects. */
interface Told {
  readonly eventId: string;
  readonly changes: OpenChanges;
  readonly beyond: Readonly<Record<string, number>>;
  readonly short: Readonly<Record<string, number>>;
}

/** An event is refused that has changed its player already: the recording is to begin anew, without it. */
export class RefusedTooLate extends Error {
  constructor(
    readonly eventId: string,
    readonly refusal: Error,
  ) {
    super(refusal.message);
  }
}

/** One transaction in which events have their effects. */
export class Recording {
  private readonly told: Told[] = [];
  private readonly groups: GroupChange[] = [];
  private balances = new Balances([]);
  private effects: Effects;
  private places = ChallengePlaces.none();

  private constructor(
    private readonly engine: Engine,
    private readonly sql: Sql,
    private readonly players: ReadonlyMap<string, Player>,
    /** Whether a host may still undo what is read here. */
    private readonly inHost: boolean,
  ) {
    this.effects = new Effects(engine, this.balances);
  }

  /** Locks the players of events. */
  static async begin(
    engine: Engine,
    sql: Sql,
    events: readonly CheckedEvent[],
    inHost: boolean,
  ): Promise<Recording> {
    const userIds = [...new Set(events.map(({ userId }) => userId))].sort();
    return new Recording(engine, sql, await lockedPlayers(engine, sql, userIds), inHost);
  }

  /** Reads and locks what the events may need, in a few statements for all of them. */
  async prepare(events: readonly CheckedEvent[]): Promise<void> {
    const { engine, sql } = this;
    const eventsOf = new Map<Player, CheckedEvent[]>();
    for (const event of events) {
      const player = this.players.get(event.userId);
      if (!player || !engine.concerns(event.type, event.action)) continue;
      const own = eventsOf.get(player);
      if (own) own.push(event);
      else eventsOf.set(player, [event]);
    }
    const anew = [...eventsOf.keys()].filter((player) => player.isOfOtherMechanics);
    const positions = await lastPositions(
      sql,
      anew.map(({ userId }) => userId),
    );
    for (const player of anew) player.beginAnew(positions.get(player.userId) ?? 0);
    for (const [player, own] of eventsOf) await player.prepare(sql, own);
    const wanted = [...eventsOf].flatMap(([player, own]) => player.actionsWanted(own));
    const actions = wanted.length > 0 ? await loadOpenActions(sql, wanted) : new Map();
    for (const [userId, own] of actions) this.players.get(userId)?.setCandidates(own);
    this.places = await ChallengePlaces.lock(sql, this.placesWanted(eventsOf));
    if (!this.inHost) this.learnFull();
    this.balances = await Balances.lock(sql, this.walletsWanted(eventsOf));
    this.effects = new Effects(engine, this.balances);
    for (const player of eventsOf.keys()) player.goThroughPast(this.worldOf(player));
  }

  /**
   * Applies an event in its turn, or refuses it. Its places on leaderboards are known once all is written.
   *
   * @throws RefusedTooLate; then nothing may be written
   */
  apply(event: CheckedEvent): Written<Outcome> {
    const { id: eventId, userId, type, action } = event;
    const player = this.players.get(userId);
    const changes =
      player && this.engine.concerns(type, action) ? this.applyTo(player, event) : { ...NO_CHANGES };
    if ('error' in changes) return { ok: false, error: changes.error };
    // The same object, because the places are still to come.
    const outcome = { eventId, receivedAt: new Date(event.receivedAt), replayed: false };
    return { ok: true, value: Object.assign(changes, outcome) };
  }

  /**
   * Writes all that was applied.
   *
   * @param append puts the events themselves into the log
   * @returns what `append` does
   */
  async write<T>(append: () => Promise<T>): Promise<T> {
    const { sql } = this;
    const changed = [...this.players.values()].filter(({ isChanged }) => isChanged);
    for (const player of changed) player.writeCheckpoint(sql);
    const appended = await append();
    savePlayers(sql, changed);
    for (const player of changed) player.writeActions(sql);
    this.places.write(sql);
    writeGroups(sql, this.groups);
    await this.effects.write(sql);
    const rows = this.told
      .map(({ eventId, changes, beyond, short }) => [eventId, toJson(changes), toJson(beyond), toJson(short)])
      .filter(([, ...parts]) => parts.some((part) => part !== null));
    if (rows.length > 0) sql.queue(SAVE_OUTCOMES.with(rows));
    return appended;
  }

  /** @returns the changes, or why the event is refused; then nothing was changed */
  private applyTo(player: Player, event: CheckedEvent): OpenChanges | { readonly error: Error } {
    const { effects } = this;
    const { id: eventId, userId, type, action, ranked } = event;
    const beyond = this.beyond(player, event);
    let attempt: Attempt;
    const undoPlaces = this.places.mark();
    try {
      attempt = player.apply(event, beyond, this.worldOf(player));
    } catch (error) {
      if (!(error instanceof Overdraft)) throw error;
      const { resource, amount } = error;
      return {
        error: new NotEnoughFundsError(userId, resource, amount, this.balances.total(userId, resource)),
      };
    }
    const refusal = effects.refusal(userId, attempt.changes);
    if (refusal) {
      if (!attempt.undo) throw new RefusedTooLate(eventId, refusal);
      attempt.undo();
      undoPlaces();
      return { error: refusal };
    }
    const reason = action === undefined || action === 'create' ? type : `${type} (${action})`;
    const changes = effects.book({ userId, eventId, reason, ranked, told: true }, attempt.changes);
    if (type === IDENTIFY) this.regroup(player);
    const short = shortOf(attempt.changes, changes);
    if (Object.keys(short).length > 0) player.fallShort(short, this.worldOf(player));
    this.told.push({ eventId, changes, beyond, short });
    return changes;
  }

  /** Nothing gives a place back, so who finds none left needs not look again. */
  private learnFull(): void {
    const { challenges } = this.engine.mechanics;
    const limits = new Map([...challenges].map(([id, { definition }]) => [id, definition.limit ?? 0]));
    for (const id of this.places.fullOf(limits)) this.engine.full.add(id);
  }

  private worldOf(player: Player) {
    const { engine, balances, places } = this;
    return {
      takePlace: (challengeId: string) => engine.takePlace(player.record, places, challengeId),
      mayTake: (resource: string, amount: number) =>
        (engine.mechanics.resources.get(resource)?.overdraft ?? 'refuse') !== 'refuse' ||
        balances.total(player.userId, resource) >= amount,
      report: engine.report,
    };
  }

  /** What wallets hold beyond what events gave, as far as the event's conditions look at it. */
  private beyond(
    { userId, state }: Player,
    { type, action }: CheckedEvent,
  ): Readonly<Record<string, number>> {
    const { mechanics } = this.engine;
    // What a remove takes back may be of other mechanics than those of now.
    const read =
      action === 'remove' ? mechanics.balancesRead : this.engine.planOf(type, action)?.balancesRead;
    const beyond: Record<string, number> = {};
    for (const resource of read ?? []) {
      beyond[resource] = this.balances.total(userId, resource) - (state.due[resource] ?? 0);
    }
    return beyond;
  }

  private regroup({ userId, state }: Player): void {
    for (const trait of this.engine.mechanics.definition.groups ?? []) {
      this.groups.push({ userId, trait, value: groupOf(state.traits[trait]) });
    }
  }

  /** The challenges whose places may be asked for, in order. */
  private placesWanted(eventsOf: ReadonlyMap<Player, readonly CheckedEvent[]>): readonly string[] {
    const { engine } = this;
    const wanted = new Set<string>();
    for (const [player, events] of eventsOf) {
      const challenges = player.isRetold
        ? [...engine.mechanics.challenges.values()]
        : events.flatMap(({ type, action }) => engine.planOf(type, action)?.challenges ?? []);
      for (const { id, definition } of challenges) {
        const isOpen = definition.limit !== undefined && player.record.places[id] === undefined;
        if (isOpen && !engine.full.has(id)) wanted.add(id);
      }
    }
    return [...wanted].sort();
  }

  /** The wallets that the events may change or look at. */
  private walletsWanted(eventsOf: ReadonlyMap<Player, readonly CheckedEvent[]>): readonly WalletKey[] {
    const { engine } = this;
    return [...eventsOf].flatMap(([player, events]) => {
      const plans = events.map(({ type, action }) => engine.planOf(type, action));
      // What a remove takes back, and what is gone through again, may be of other mechanics than those of now.
      const isWide = player.isRetold || events.some(({ action }) => action === 'remove');
      const resources = isWide
        ? [...engine.mechanics.resources.keys(), ...Object.keys(player.state.due)]
        : plans.flatMap((plan) => [...(plan?.resources ?? []), ...(plan?.balancesRead ?? [])]);
      return [...new Set(resources)].map((resource): WalletKey => [player.userId, resource]);
    });
  }
}

async function lockedPlayers(
  engine: Engine,
  sql: Sql,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Player>> {
  if (userIds.length === 0) return new Map();
  const empty = engine.newPlayer();
  const rows = new Map((await lockPlayers(sql, userIds, empty)).map((row) => [row.user_id, row]));
  return new Map(
    userIds.map((userId) => {
      const row = rows.get(userId) ?? { user_id: userId, ...empty };
      return [userId, new Player(engine, userId, stateFromJson(row.state), recordFrom(row))];
    }),
  );
}

/** How much less was taken than was to be, by resource. */
export function shortOf(
  { resources }: Pick<StateChanges, 'resources'>,
  { balances }: Pick<Changes, 'balances'>,
): Readonly<Record<string, number>> {
  const paid = new Map(balances.map(({ resourceKey, amount }) => [resourceKey, amount]));
  return Object.fromEntries(
    resources
      .map(({ resource, amount }): [string, number] => [resource, (paid.get(resource) ?? 0) - amount])
      .filter(([, short]) => short > 0),
  );
}

/** What is not empty of an event's effects, for whoever asks again; nothing where all is. */
function toJson(changes: Changes | Readonly<Record<string, number>>): string | null {
  const kinds = Object.entries(changes).filter(
    ([, value]) => typeof value === 'number' || (Array.isArray(value) && value.length > 0),
  );
  return kinds.length > 0 ? JSON.stringify(Object.fromEntries(kinds)) : null;
}
