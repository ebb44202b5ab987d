import type { ExecutionContext } from '@nestjs/common';
import type { ActionOf, EventClass, EventType, Traits } from './event-class.js';

/**
 * What the request of an HTTP handler has on Express and on Fastify. An application that keeps more on its requests
 * says so once:
 *
 * ```ts
 * declare module 'nestjs-gamification' {
 *   interface TrackedRequest { tenant: string }
 * }
 * ```
 */
export interface TrackedRequest {
  readonly user?: { readonly id?: string };
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
}

/**
 * The result of a handler where the option's function does not say what it expects. TypeScript cannot tell a decorator
 * the type of the method it stands on, and `unknown` would make `({ result }) => result.id` impossible to write.
 * With `({ result }: TrackContext<Order>) => …` the result is typed, and checked against the handler's return type.
 */
// biome-ignore lint/suspicious/noExplicitAny: the border described above
export type UntypedResult = any;

/** What the options of `@TrackEvent` are computed from. */
export interface TrackContext<Result = UntypedResult> {
  readonly context: ExecutionContext;
  /** The request. In a handler that is not HTTP's, the first argument that the transport gives it. */
  readonly request: TrackedRequest;
  /**
   * What the handler returned; of an Observable, its last value. Interceptors around the handler see it first, and one
   * that changes the object itself, instead of mapping it to another, changes what is seen here.
   */
  readonly result: Result;
}

/** A value, or how to get it for one call of the handler. */
export type Resolvable<Value, Result = UntypedResult> =
  | Value
  | ((context: TrackContext<Result>) => Value | Promise<Value>);

interface CommonOptions<Result> {
  /** Who did it; the module's `user` option unless told. */
  readonly user?: Resolvable<string | undefined, Result>;
  /** Whether to track this call at all: not if it is false, or its function returns something falsy. */
  readonly when?: Resolvable<boolean, Result>;
  /** When it happened: now unless told. */
  readonly occurredAt?: Resolvable<Date | undefined, Result>;
  /** `true`: the response waits until the event is recorded, and fails when that fails. */
  readonly sync?: boolean;
}

type TraitsOption<Event extends EventType, Result> =
  Record<never, never> extends Traits<Event>
    ? { readonly traits?: Resolvable<Traits<Event> | undefined, Result> }
    : { readonly traits: Resolvable<Traits<Event>, Result> };

type ActionOption<Event extends EventType, Result> =
  Event extends EventClass<infer Kind>
    ? Kind extends 'action'
      ? { readonly action: Resolvable<ActionOf<Event>, Result> }
      : { readonly action?: undefined }
    : { readonly action?: Resolvable<string | undefined, Result> };

type KeyOption<Event extends EventType, Result> =
  Event extends EventClass<'unique'>
    ? { readonly idempotenceKey: Resolvable<string, Result> }
    : { readonly idempotenceKey?: Resolvable<string | undefined, Result> };

/** The options of `@TrackEvent` for an event. What the event's class needs is required. */
export type TrackOptions<Event extends EventType, Result = UntypedResult> = CommonOptions<Result> &
  TraitsOption<Event, Result> &
  ActionOption<Event, Result> &
  KeyOption<Event, Result>;

/** One `@TrackEvent` as it is kept on its handler. */
export interface Tracking {
  readonly type: EventType;
  readonly options: TrackOptions<string>;
}

/** Where a handler keeps its trackings. */
export const TRACKINGS = Symbol.for('nestjs-gamification:trackings');
