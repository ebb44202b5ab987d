/**
 * What kind of thing happened.
 *
 * - `classic`: it happened.
 * - `action`: something was created or removed; a remove takes its create back.
 * - `unique`: counted once per idempotence key.
 */
export type EventKind = 'classic' | 'action' | 'unique';

/** A class made with {@link GameEvent}, {@link ActionEvent} or {@link UniqueEvent}. Its properties are the traits. */
export interface EventClass<Kind extends EventKind = EventKind, Action extends string = string> {
  new (): object;
  readonly type: string;
  readonly kind: Kind;
  readonly actions: readonly Action[];
}

/** How an event is named: by its class, or by its bare type, for which no traits are checked. */
export type EventType = EventClass | string;

/** The traits of an event: the properties of its class, or any for a bare type. */
export type Traits<Event extends EventType> = Event extends EventClass
  ? Properties<InstanceType<Event>>
  : Readonly<Record<string, unknown>>;

type Properties<T> = { [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K] };

/** The actions that an event can have. */
export type ActionOf<Event extends EventType> =
  Event extends EventClass<'action', infer Action> ? Action : string;

interface CommonDetails {
  /** Who did it: the host's own id of the user. */
  readonly userId: string;
  /** When it happened: now unless told; at most 5 minutes ahead. */
  readonly occurredAt?: Date | undefined;
}

type TraitsDetail<Event extends EventType> =
  Record<never, never> extends Traits<Event>
    ? { readonly traits?: Traits<Event> | undefined }
    : { readonly traits: Traits<Event> };

type ActionDetail<Event extends EventType> =
  Event extends EventClass<infer Kind>
    ? Kind extends 'action'
      ? { readonly action: ActionOf<Event> }
      : { readonly action?: undefined }
    : { readonly action?: string | undefined };

type KeyDetail<Event extends EventType> =
  Event extends EventClass<'unique'>
    ? { readonly idempotenceKey: string }
    : {
        /** The same key for the same user, type and action is counted once. */
        readonly idempotenceKey?: string | undefined;
      };

/** What is to be said about an event besides its type. */
export type EventDetails<Event extends EventType> = CommonDetails &
  TraitsDetail<Event> &
  ActionDetail<Event> &
  KeyDetail<Event>;

/**
 * Base class of an event that simply happened.
 *
 * ```ts
 * class OrderPlaced extends GameEvent('order.placed') {
 *   @IsInt() @Min(0) total!: number;
 * }
 * ```
 *
 * @param type its name: 1 to 255 bytes, not beginning with `$`
 */
export function GameEvent(type: string): EventClass<'classic', never> {
  return eventClass(type, 'classic', []);
}

/**
 * Base class of an event with an action: `create`, `remove`, and any that `moreActions` adds.
 *
 * ```ts
 * class Like extends ActionEvent('like') {}
 * class Subscription extends ActionEvent('subscription', 'pause', 'resume') {}
 * ```
 */
export function ActionEvent<const Action extends string = never>(
  type: string,
  ...moreActions: readonly Action[]
): EventClass<'action', 'create' | 'remove' | Action> {
  return eventClass(type, 'action', ['create', 'remove', ...moreActions]);
}

/**
 * Base class of an event that counts once per user and idempotence key, such as visiting a page.
 *
 * ```ts
 * class VisitUser extends UniqueEvent('visit_user') {}
 * ```
 */
export function UniqueEvent(type: string): EventClass<'unique', never> {
  return eventClass(type, 'unique', []);
}

function eventClass<Kind extends EventKind, Action extends string>(
  type: string,
  kind: Kind,
  actions: readonly Action[],
): EventClass<Kind, Action> {
  return class {
    static readonly type = type;
    static readonly kind = kind;
    static readonly actions = actions;
  };
}
