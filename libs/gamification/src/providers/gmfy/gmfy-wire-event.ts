/** An event on the wire. */
export interface GmfyWireEvent {
  readonly userId: string;
  readonly eventType?: string;
  readonly idempotenceKey?: string;
  readonly type: string;
  readonly [more: string]: unknown;
}

/** An event as {@link toWireEvent} needs it. */
export interface EventParts {
  readonly userId: string;
  readonly type: string;
  readonly action?: string | undefined;
  readonly idempotenceKey?: string | undefined;
  readonly traits: Readonly<Record<string, unknown>>;
}

/** Names that a trait cannot have: they are the event's own, and one that would change the object itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'userId',
  'eventType',
  'eventAction',
  'idempotenceKey',
  'type',
  '__proto__',
]);

/**
 * An event as GMFY takes it, its keys in the order of the Python SDK 0.0.4. Traits follow, their names in camelCase;
 * one that is named as a field of the event itself is left out.
 *
 * @param sendEventType the option of that name
 */
export function toWireEvent(
  { userId, type, action, idempotenceKey, traits }: EventParts,
  sendEventType: boolean,
): GmfyWireEvent {
  const wire: Record<string, unknown> & { userId: string; type: string } = {
    userId,
    ...(sendEventType ? { eventType: type } : {}),
    ...(idempotenceKey === undefined ? {} : { idempotenceKey }),
    type: action === undefined ? type : `${action}_${type}`,
  };
  for (const name in traits) {
    const camelCase = camelCased(name);
    if (!RESERVED.has(camelCase)) wire[camelCase] = traits[name];
  }
  return wire;
}

/** A name in camelCase, as GMFY's are. */
export function camelCased(name: string): string {
  if (!name.includes('_')) return name;
  return name.replace(/(?<=[^_])_+([\p{L}\p{N}])/gu, (_, letter: string) => letter.toUpperCase());
}
