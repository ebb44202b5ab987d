import { checkEvent } from '../../events/check-event.js';
import type { EventRequest } from '../../events/event.js';
import type { EventType } from '../../events/event-class.js';
import { EventValidationError } from '../../events/events.errors.js';
import type { Problem } from '../../gamification.errors.js';
import { InvalidRequestError } from '../../http/remote.errors.js';
import { inShort } from '../../validation.js';
import { camelCased, type EventParts, type GmfyWireEvent, toWireEvent } from './gmfy-wire-event.js';

/** Most events of one call. */
const MAX_EVENTS = 10_000;
/** Most problems that an error names. */
const MAX_PROBLEMS = 100;

/**
 * An event as plain data, its names in camelCase or in snake_case. `null` is as good as nothing for the action and the
 * key. Whatever else it holds is sent with it, its names in camelCase.
 *
 * ```ts
 * { event_type: 'subscription', user_id: user.id, event_action: 'create' }
 * { eventType: 'visit_user', userId: user.id, idempotenceKey: page.id }
 * ```
 */
export type GmfyEvent = ({ readonly userId: string } | { readonly user_id: string }) &
  ({ readonly eventType: string } | { readonly event_type: string }) & {
    /** Such as `create` or `remove`; makes it an action event. */
    readonly eventAction?: string | null | undefined;
    readonly event_action?: string | null | undefined;
    /** Makes it a unique event: the same key for the same user and type counts once. */
    readonly idempotenceKey?: string | null | undefined;
    readonly idempotence_key?: string | null | undefined;
    readonly [more: string]: unknown;
  };

/**
 * Checks events and makes what GMFY takes of them.
 *
 * @param given plain data, or `[EventClass, details]`
 * @param isBatch whether problems name the place in the list
 * @throws InvalidRequestError naming what is wrong with all of them
 */
export function toWireEvents(
  given: unknown,
  operation: string,
  sendEventType: boolean,
  isBatch = true,
): GmfyWireEvent[] {
  if (!Array.isArray(given) || given.length > MAX_EVENTS) {
    const allowed = `a list of at most ${MAX_EVENTS} events`;
    throw new InvalidRequestError('gmfy', operation, [{ path: 'events', got: inShort(given), allowed }]);
  }
  const problems: Problem[] = [];
  const wire = given.flatMap((event: unknown, index) => {
    const { parts, problems: own } = checkedParts(event);
    problems.push(
      ...own.map(({ path, ...rest }) => ({ path: isBatch ? `${index}.${path}` : path, ...rest })),
    );
    return parts ? [toWireEvent(parts, sendEventType)] : [];
  });
  if (problems.length > 0) {
    throw new InvalidRequestError('gmfy', operation, problems.slice(0, MAX_PROBLEMS));
  }
  return wire;
}

interface Checked {
  readonly parts?: EventParts;
  readonly problems: readonly Problem[];
}

function checkedParts(event: unknown): Checked {
  if (Array.isArray(event)) return checkedPair(event);
  if (typeof event !== 'object' || event === null) {
    return {
      problems: [{ path: 'event', got: inShort(event), allowed: 'an object, or an event class and details' }],
    };
  }
  const { given, problems } = inCamelCase(event);
  const { userId, eventType, eventAction, idempotenceKey, ...traits } = given;
  const type = typeNamed('eventType', eventType, problems);
  if ('type' in traits) {
    const allowed = 'nothing: it is made of eventType and eventAction';
    problems.push({ path: 'type', got: inShort(traits.type), allowed });
  }
  return checkedRequest(
    { type, userId, action: eventAction ?? undefined, idempotenceKey: idempotenceKey ?? undefined, traits },
    problems,
    // The event goes by other names in the library than on GMFY's wire.
    (path) => ({ type: 'eventType', action: 'eventAction' })[path] ?? path.replace(/^traits\./, ''),
  );
}

function checkedPair([given, details]: readonly unknown[]): Checked {
  if (typeof details !== 'object' || details === null) {
    return { problems: [{ path: 'details', got: inShort(details), allowed: 'an object' }] };
  }
  const problems: Problem[] = [];
  const type = isEventType(given) ? given : typeNamed('type', undefined, problems);
  const { userId, action, idempotenceKey, traits, occurredAt }: Partial<Omit<EventRequest, 'type'>> = details;
  if (occurredAt !== undefined) {
    const allowed = 'nothing: for GMFY, an event happens when it arrives';
    problems.push({ path: 'occurredAt', got: inShort(occurredAt), allowed });
  }
  return checkedRequest({ type, userId, action, idempotenceKey, traits }, problems, (path) => path);
}

function isEventType(given: unknown): given is EventType {
  return typeof given === 'string' || (typeof given === 'function' && 'kind' in given && 'type' in given);
}

/** A type of an event, or one to go on with where it is none. */
function typeNamed(path: string, given: unknown, problems: Problem[]): string {
  if (typeof given === 'string') return given;
  problems.push({ path, got: inShort(given), allowed: 'the type of an event' });
  return 'unknown';
}

function checkedRequest(
  request: EventRequest,
  found: readonly Problem[],
  nameOf: (path: string) => string,
): Checked {
  try {
    // Neither the id nor the time is used: GMFY has no place for them.
    const { userId, type, action, idempotenceKey, traits } = checkEvent(request, '', 0, false);
    if (found.length > 0) return { problems: found };
    // The text was made by JSON.stringify of an object.
    const parsed = JSON.parse(traits) as Record<string, unknown>;
    return { parts: { userId, type, action, idempotenceKey, traits: parsed }, problems: [] };
  } catch (error) {
    if (!(error instanceof EventValidationError)) throw error;
    const more = error.problems.map((problem) => ({ ...problem, path: nameOf(problem.path) }));
    return { problems: [...found, ...more] };
  }
}

/** The properties of plain data by their names in camelCase. */
function inCamelCase(event: object): { given: Record<string, unknown>; problems: Problem[] } {
  const given: Record<string, unknown> = Object.create(null);
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(event)) {
    const camelCase = camelCased(name);
    if (camelCase in given) {
      problems.push({ path: name, got: inShort(value), allowed: `nothing: ${camelCase} is there already` });
    }
    given[camelCase] = value;
  }
  return { given, problems };
}
