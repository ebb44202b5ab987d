import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { Ids } from '../ids.js';
import { IDENTIFY } from '../mechanics/apply-event.js';
import { type CompiledMechanics, type Plan, planKey } from '../mechanics/compiled-mechanics.js';
import type { MechanicsDefinition } from '../mechanics/definition.js';
import { emptyState, stateToJson } from '../mechanics/player-state.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import { NO_ARRIVALS } from './arrival.js';
import type { ChallengePlaces } from './challenge-places.js';
import type { PlayerRecord } from './player-record.js';

/** What recording and replaying events share: the mechanics, and what they need of the application. */
export class Engine {
  /** Tells mechanics apart: players who were last seen with others begin anew from where they are. */
  readonly fingerprint: string;
  /** Challenges that reward only the first, all of whose places are known to be taken for good. */
  readonly full = new Set<string>();
  /** Boards that are out of balance, and those on which players moved, how often, since that was looked for. */
  readonly balancing = { needed: new Set<string>(), moved: new Set<string>(), moves: 0 };
  private readonly log: ThrottledLog;

  /** @param authorityId who writes the entries of rules */
  constructor(
    readonly mechanics: CompiledMechanics,
    readonly ids: Ids,
    readonly clock: Clock,
    readonly authorityId: string,
  ) {
    const { definition, lateness } = mechanics;
    const text = JSON.stringify([essenceOf(definition), lateness, mechanics.calendar.timeZone]);
    this.fingerprint = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    this.log = new ThrottledLog(new Logger('Gamification'), clock);
  }

  /** Whether an event can change anything for its player. */
  readonly concerns = (type: string, action: string | undefined): boolean =>
    type === IDENTIFY ||
    this.planOf(type, action) !== undefined ||
    // What was created under other mechanics can still be taken back.
    (action === 'remove' && this.mechanics.plans.size > 0);

  /** What an event concerns; what is removed concerns what its create did. */
  planOf(type: string, action: string | undefined): Plan | undefined {
    if (type === IDENTIFY) return this.mechanics.identify;
    return this.mechanics.plans.get(planKey(type, action === 'remove' ? undefined : action));
  }

  /** The row of a player who was never seen. */
  newPlayer(): { readonly state: string; readonly record: string } {
    return { state: stateToJson(emptyState()), record: JSON.stringify(this.newRecord()) };
  }

  /**
   * Takes a place of a challenge that rewards only the first. It is decided once: a player who has one keeps it, and who
   * came too late does not get one later.
   */
  takePlace({ places: decided }: PlayerRecord, places: ChallengePlaces, challengeId: string): boolean {
    const before = decided[challengeId];
    if (before !== undefined) return before;
    const limit = this.mechanics.challenges.get(challengeId)?.definition.limit ?? 0;
    const taken = places.take(challengeId, limit);
    decided[challengeId] = taken;
    return taken;
  }

  /** Something of the mechanics did not work; what depends on it does not apply. */
  readonly report = (error: unknown): void => {
    this.log.error(`mechanics: ${toError(error).message}`);
  };

  /** What is known of a player who was never seen. */
  newRecord(): PlayerRecord {
    return {
      arrival: NO_ARRIVALS,
      // None: what may be in the log from before is not gone through again.
      mechanics: '',
      places: {},
      checkpoint: { at: NO_ARRIVALS.latest, since: 0 },
    };
  }
}

/** The parts of mechanics that decide what events give: no texts for people, no prices, in one order. */
function essenceOf(definition: MechanicsDefinition): unknown {
  return Object.entries(definition)
    .filter(([kind]) => kind !== 'products')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, all]) => [
      kind,
      Array.isArray(all) ? all : Object.entries(all).sort(byId).map(withoutTexts),
    ]);
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function withoutTexts([id, mechanic]: readonly [string, unknown]): readonly [string, unknown] {
  if (typeof mechanic !== 'object' || mechanic === null) return [id, mechanic];
  const left = Object.entries(mechanic).filter(([key]) => !TEXTS.includes(key));
  return [id, Object.fromEntries(left.sort(byId))];
}

const TEXTS: readonly string[] = ['name', 'description', 'messages', 'metaInfo'];
