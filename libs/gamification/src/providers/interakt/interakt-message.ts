import { isDate } from 'node:util/types';
import type { ClassConstructor } from 'class-transformer';
import type { Problem } from '../../gamification.errors.js';
import { InvalidRequestError } from '../../http/remote.errors.js';
import { checked } from '../../validation.js';
import { type InteraktSubject, isGiven, NewInteraktEvent, NewInteraktUser } from './interakt-inputs.js';
import { type WireTraits, wireTraits } from './interakt-traits.js';

/** Most bytes of a body: Interakt is reported to refuse larger ones, and the queue must know what a message can weigh. */
const MAX_BODY_BYTES = 32 * 1024;

/** What is sent of a user or an event: what is absent is not sent. */
export interface InteraktBody {
  readonly event?: string;
  readonly traits: WireTraits;
  readonly userId?: string;
  readonly countryCode?: string;
  readonly phoneNumber?: string;
  readonly fullPhoneNumber?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly tags?: readonly string[];
}

/** One call to Interakt, which takes a user or an event at a time. */
export interface InteraktMessage {
  /** The method of `InteraktService` that makes such messages. */
  readonly operation: 'user' | 'event';
  readonly body: InteraktBody;
}

/** @throws InvalidRequestError naming every field that is wrong */
export function userMessage(given: NewInteraktUser): InteraktMessage {
  const { input, traits } = checkedInput(NewInteraktUser, given, 'user');
  const { tags } = input;
  const body = { traits, ...subjectOf(input), ...(tags ? { tags: [...tags] } : {}) };
  return bounded({ operation: 'user', body });
}

/** @throws InvalidRequestError naming every field that is wrong */
export function eventMessage(given: NewInteraktEvent): InteraktMessage {
  const { input, traits } = checkedInput(NewInteraktEvent, given, 'event');
  const body = { event: input.event, traits, ...subjectOf(input) };
  return bounded({ operation: 'event', body });
}

/** The user of a message, by each name that the message has for them: two messages about one user share a name. */
export function namesOfUser({ body }: InteraktMessage): readonly string[] {
  const { userId, countryCode = '', phoneNumber, fullPhoneNumber } = body;
  const phone = fullPhoneNumber ?? (phoneNumber === undefined ? undefined : countryCode + phoneNumber);
  return [
    ...(userId === undefined ? [] : [`user ${userId}`]),
    ...(phone === undefined ? [] : [`phone ${phone.replace('+', '')}`]),
  ];
}

function checkedInput<T extends InteraktSubject>(
  type: ClassConstructor<T>,
  given: T,
  operation: InteraktMessage['operation'],
): { readonly input: T; readonly traits: WireTraits } {
  // Traits have a check of their own: class-transformer would walk through whatever is in them.
  const { value: input, problems } = checked<T>(
    type,
    isObject(given) ? { ...given, traits: undefined } : given,
  );
  const ofTraits: Problem[] = [];
  const traits = wireTraits(isObject(given) ? given.traits : undefined, ofTraits);
  const all = [...problems, ...ofTraits];
  if (all.length > 0) throw new InvalidRequestError('interakt', operation, all);
  return { input, traits };
}

/** In the order in which the Python SDK 1.0.7 sends them; the last two are what it cannot send. */
function subjectOf(input: InteraktSubject): Omit<InteraktBody, 'event' | 'traits' | 'tags'> {
  const { userId, countryCode, phoneNumber, fullPhoneNumber, createdAt } = input;
  return {
    ...(isGiven(userId) ? { userId: String(userId) } : {}),
    ...(isGiven(phoneNumber) && isGiven(countryCode) ? { countryCode, phoneNumber } : {}),
    ...(isGiven(fullPhoneNumber) ? { fullPhoneNumber } : {}),
    ...(isGiven(createdAt) ? { createdAt: isDate(createdAt) ? createdAt.toISOString() : createdAt } : {}),
  };
}

function bounded(message: InteraktMessage): InteraktMessage {
  const bytes = Buffer.byteLength(JSON.stringify(message.body));
  if (bytes <= MAX_BODY_BYTES) return message;
  throw new InvalidRequestError('interakt', message.operation, [
    { path: 'it', got: `${bytes} bytes of JSON`, allowed: `at most ${MAX_BODY_BYTES} bytes` },
  ]);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
