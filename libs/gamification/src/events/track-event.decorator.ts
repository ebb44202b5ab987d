import { UseInterceptors } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { EventType } from './event-class.js';
import { TrackEventInterceptor } from './track-event.interceptor.js';
import { TRACKINGS, type Tracking, type TrackOptions, type UntypedResult } from './track-options.js';

type OptionsArgument<Event extends EventType, Result> =
  Record<never, never> extends TrackOptions<Event, Result>
    ? [options?: TrackOptions<Event, Result>]
    : [options: TrackOptions<Event, Result>];

/** A handler that returns a result, a Promise of it, or an Observable of it. */
type HandlerOf<Result> = (...args: never[]) => Result | Promise<Result> | Observable<Result>;

/**
 * Tracks an event each time the handler succeeds. Can stand on a handler more than once.
 *
 * ```ts
 * @Post()
 * @TrackEvent(OrderPlaced, {
 *   idempotenceKey: ({ result }) => result.id,
 *   traits: ({ result }) => ({ orderNumber: result.number, total: result.total }),
 * })
 * place(@Body() order: PlaceOrder) { … }
 * ```
 *
 * @param type an event class, whose traits are checked, or a bare type
 * @param options values, or functions of `{ context, request, result }`
 */
export function TrackEvent<Event extends EventType, Result = UntypedResult>(
  type: Event,
  ...[options]: OptionsArgument<Event, Result>
): <Handler extends HandlerOf<Result>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void {
  return (_target, _key, descriptor) => {
    const handler = descriptor.value;
    if (handler === undefined) throw new TypeError('@TrackEvent can only stand on a method');
    const before: readonly Tracking[] = Reflect.getMetadata(TRACKINGS, handler) ?? [];
    // Decorators are applied from the bottom up, and read from the top down.
    const tracking: Tracking = { type, options: (options ?? {}) as TrackOptions<string> };
    Reflect.defineMetadata(TRACKINGS, [tracking, ...before], handler);
    if (before.length === 0) UseInterceptors(TrackEventInterceptor)(_target, _key, descriptor);
  };
}
