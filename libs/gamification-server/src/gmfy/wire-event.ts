import { BadRequestException } from '@nestjs/common';

/** An event as the library takes it. */
export interface ReceivedEvent {
  readonly type: string;
  readonly details: {
    readonly userId: string;
    readonly action?: string;
    readonly idempotenceKey?: string;
    readonly traits: Readonly<Record<string, unknown>>;
  };
}

/** Of action events: what stands before the type on the wire, `create_subscription`. */
const ACTIONS = ['create', 'remove'];

/**
 * Reads an event of GMFY's protocol. Everything beside the fields that it names is a trait.
 *
 * A type that begins with `create_` or `remove_` is an action event, because the wire does not tell it from a classic
 * event of such a name ([inferred]); with `eventType`, it is told for certain.
 *
 * @param path where it stands, for the message
 * @throws BadRequestException
 */
export function receivedEvent(body: unknown, path: string): ReceivedEvent {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequestException({ message: `${path} is to be an object` });
  }
  const { userId, type, eventType, idempotenceKey, ...traits }: Record<string, unknown> = { ...body };
  const id = text(userId, `${path}.userId`);
  const name = text(type, `${path}.type`);
  const key = idempotenceKey === undefined || idempotenceKey === null ? undefined : idempotenceKey;
  const action = ACTIONS.find((each) => name.startsWith(`${each}_`) && name.length > each.length + 1);
  const rest = action === undefined ? name : name.slice(action.length + 1);
  const isAction = action !== undefined && (eventType === undefined || eventType === rest);
  return {
    type: isAction ? rest : name,
    details: {
      userId: id,
      ...(isAction ? { action } : {}),
      ...(key === undefined ? {} : { idempotenceKey: text(key, `${path}.idempotenceKey`) }),
      traits,
    },
  };
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new BadRequestException({ message: `${path} is to be a text` });
}
