import { BadRequestException } from '@nestjs/common';
import { isShallow, textOf } from '../wire/wire-values.js';

/** Bytes of a message at most ([third party]). */
const MAX_BYTES = 32 * 1024;

/** What Interakt is told of a user, or of what a user did. */
export interface InteraktMessage {
  readonly userId: string | undefined;
  /** With its country code, digits alone. */
  readonly phone: string | undefined;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly createdAt: Date | undefined;
  /** Of an event. */
  readonly event: string | undefined;
}

/** Reads a message. @throws BadRequestException with the protocol's body */
export function interaktMessage(body: unknown): InteraktMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refused('the body is to be an object');
  if (!isShallow(body)) throw refused('a message has too many levels');
  if (Buffer.byteLength(JSON.stringify(body)) > MAX_BYTES)
    throw refused(`a message has at most ${MAX_BYTES} bytes`);
  const fields: Readonly<Record<string, unknown>> = { ...body };
  const { traits = {}, createdAt } = fields;
  const userId = optionalText('userId', fields.userId);
  const phone = phoneOf(fields);
  if (userId === undefined && phone === undefined) throw refused('Either userId or phoneNumber is required');
  if (typeof traits !== 'object' || traits === null || Array.isArray(traits)) {
    throw refused('traits is to be an object');
  }
  const time = createdAt === undefined ? undefined : new Date(textOf(createdAt) ?? '');
  if (time && Number.isNaN(time.getTime())) throw refused('createdAt is to be a time in ISO 8601');
  return {
    userId,
    phone,
    traits: { ...traits },
    createdAt: time,
    event: optionalText('event', fields.event),
  };
}

/** The body of a refusal ([sdk]). */
export function refused(message: string): BadRequestException {
  return new BadRequestException({ result: false, message });
}

function phoneOf({ phoneNumber, countryCode = '+91', fullPhoneNumber }: Readonly<Record<string, unknown>>) {
  const full = optionalText('fullPhoneNumber', fullPhoneNumber);
  const national = optionalText('phoneNumber', phoneNumber);
  if (full === undefined && national === undefined) return undefined;
  const digits = (full ?? `${textOf(countryCode) ?? ''}${national}`).replaceAll('+', '');
  if (!/^[1-9]\d{3,19}$/.test(digits)) throw refused('Invalid phoneNumber or countryCode');
  return digits;
}

function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw refused(`${name} is to be a text`);
}
