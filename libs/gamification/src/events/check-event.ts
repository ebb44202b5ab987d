import { isDate } from 'node:util/types';
import type { ClassConstructor } from 'class-transformer';
import type { Problem } from '../gamification.errors.js';
import { toError } from '../to-error.js';
import { checked, IDENTIFIER_RULE, inShort, isIdentifier, isPlainObject } from '../validation.js';
import type { CheckedEvent, EventRequest } from './event.js';
import { type EventClass, type EventType, GameEvent } from './event-class.js';
import { EventValidationError } from './events.errors.js';

/** How far ahead of the clock an event may lie, in milliseconds: what clocks of a well-kept fleet differ by at most. */
const MAX_AHEAD = 5 * 60_000;
/** Most bytes of an event's traits as JSON. */
const MAX_TRAITS_BYTES = 64 * 1024;
/** The earliest and the latest time that a `Date` can hold, in milliseconds. */
const MAX_TIME = 8.64e15;

/** The name of an event, whichever way it was given. */
export function typeOf(type: EventType): string {
  return typeof type === 'string' ? type : type.type;
}

/**
 * Checks an event against its class.
 *
 * @param id the id it will have
 * @param receivedAt when it was handed over, in milliseconds since 1970
 * @param ranked whether its outcome is to tell the places on leaderboards
 * @throws EventValidationError naming every field that is wrong
 */
export function checkEvent(
  request: EventRequest,
  id: string,
  receivedAt: number,
  ranked: boolean,
): CheckedEvent {
  const { type: eventType, userId, action, idempotenceKey, traits = {}, occurredAt } = request;
  const type = typeOf(eventType);
  const isIdentify = eventType === Identify;
  const eventClass = typeof eventType === 'string' || isIdentify ? undefined : eventType;
  const problems: Problem[] = [];
  const need = (path: string, value: unknown, good: boolean, allowed: string) => {
    if (!good) problems.push({ path, got: inShort(value), allowed });
  };

  need('type', type, isIdentifier(type) && (isIdentify || !type.startsWith('$')), TYPE_RULE);
  need('userId', userId, isIdentifier(userId), IDENTIFIER_RULE);
  checkAction(eventClass, action, need);
  if (eventClass?.kind === 'unique' || idempotenceKey !== undefined) {
    need('idempotenceKey', idempotenceKey, isIdentifier(idempotenceKey), IDENTIFIER_RULE);
  }
  const time = occurredAt === undefined ? receivedAt : isDate(occurredAt) ? occurredAt.getTime() : Number.NaN;
  need('occurredAt', occurredAt, Math.abs(time) <= MAX_TIME, 'a valid Date');
  need('occurredAt', occurredAt, !(time > receivedAt + MAX_AHEAD), 'a Date at most 5 minutes ahead');
  const json = checkTraits(eventClass, traits, problems);

  if (problems.length > 0) throw new EventValidationError(String(type), problems);
  return {
    id,
    // `need` has just made sure of the texts, which the compiler cannot follow through it.
    userId: userId as string,
    type,
    action: action as string | undefined,
    idempotenceKey: idempotenceKey as string | undefined,
    traits: json,
    occurredAt: time,
    receivedAt,
    ranked,
    tried: false,
  };
}

/** What `EventTracker.identify` records. Types that begin with `$` are the library's own. */
export class Identify extends GameEvent('$identify') {}

const TYPE_RULE = `${IDENTIFIER_RULE}, not beginning with $`;

function checkAction(
  eventClass: EventClass | undefined,
  action: unknown,
  need: (path: string, value: unknown, good: boolean, allowed: string) => void,
): void {
  if (eventClass?.kind === 'action') {
    const known: readonly unknown[] = eventClass.actions;
    need(
      'action',
      action,
      known.includes(action),
      eventClass.actions.map((name) => JSON.stringify(name)).join(' or '),
    );
  } else if (eventClass) {
    need('action', action, action === undefined, 'nothing: only an ActionEvent has an action');
  } else if (action !== undefined) {
    need('action', action, isIdentifier(action), IDENTIFIER_RULE);
  }
}

function checkTraits(eventClass: EventClass | undefined, traits: unknown, problems: Problem[]): string {
  if (!isPlainObject(traits) && !(eventClass && traits instanceof eventClass)) {
    problems.push({ path: 'traits', got: inShort(traits), allowed: 'a plain object' });
    return '{}';
  }
  try {
    const json = JSON.stringify(eventClass ? checkAgainst(eventClass, traits, problems) : traits);
    const bytes = Buffer.byteLength(json);
    if (bytes <= MAX_TRAITS_BYTES) return json;
    problems.push({
      path: 'traits',
      got: `${bytes} bytes of JSON`,
      allowed: `at most ${MAX_TRAITS_BYTES} bytes`,
    });
  } catch (error) {
    // Traits that refer to themselves, big integers, getters that throw, names that class-transformer stumbles over.
    const got = `an object that cannot be read as JSON (${toError(error).message})`;
    problems.push({ path: 'traits', got, allowed: 'what JSON can hold' });
  }
  return '{}';
}

function checkAgainst(eventClass: EventClass, traits: object, problems: Problem[]): object {
  const result = checked(eventClass as ClassConstructor<object>, traits);
  problems.push(...result.problems.map((problem) => ({ ...problem, path: `traits.${problem.path}` })));
  return result.value;
}
