import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import { GamificationOptions } from '../gamification.options.js';
import { typeOf } from './check-event.js';
import type { EventRequest, Outcome } from './event.js';
import { EventIntake } from './event-intake.js';
import { EventResolutionError } from './events.errors.js';
import { TRACKINGS, type TrackContext, type Tracking } from './track-options.js';

/** Tracks the events of handlers that carry `@TrackEvent`, and of no others. */
@Injectable()
export class TrackEventInterceptor implements NestInterceptor {
  constructor(
    @Inject(EventIntake) private readonly intake: EventIntake,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const source = next.handle();
    return new Observable((subscriber) => {
      let result: unknown;
      return source.subscribe({
        next: (value) => {
          result = value;
          subscriber.next(value);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          const recorded = this.track(context, result);
          if (recorded === undefined) subscriber.complete();
          else
            recorded.then(
              () => subscriber.complete(),
              (error) => subscriber.error(error),
            );
        },
      });
    });
  }

  /** Tracks the handler's events. @returns a Promise only if a `sync` one is to be waited for */
  private track(context: ExecutionContext, result: unknown): Promise<unknown> | undefined {
    const trackings: readonly Tracking[] = Reflect.getMetadata(TRACKINGS, context.getHandler()) ?? [];
    const scope: TrackContext = { context, request: context.getArgByIndex(0), result };
    const waits = trackings.flatMap((tracking) => this.trackOne(tracking, scope) ?? []);
    return waits.length > 0 ? Promise.all(waits) : undefined;
  }

  private trackOne(tracking: Tracking, scope: TrackContext): Promise<unknown> | undefined {
    const { sync = false } = tracking.options;
    let request: EventRequest | undefined | PromiseLike<EventRequest | undefined>;
    try {
      request = this.resolve(tracking, scope);
    } catch (cause) {
      return this.failed(tracking, scope, cause);
    }
    if (isThenable(request)) {
      const tracked = Promise.resolve(request).then(
        (resolved) => resolved && this.hand(resolved, sync),
        (cause) => this.failed(tracking, scope, cause),
      );
      return sync ? tracked : undefined;
    }
    return request && this.hand(request, sync);
  }

  private hand(request: EventRequest, sync: boolean): Promise<Outcome> | undefined {
    if (sync) return this.intake.submit(request);
    this.intake.enqueue(request);
    return undefined;
  }

  private failed(tracking: Tracking, { context }: TrackContext, cause: unknown): Promise<never> | undefined {
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    const error = new EventResolutionError(typeOf(tracking.type), handler, { cause });
    if (tracking.options.sync) return Promise.reject(error);
    this.intake.report(error, { type: tracking.type, userId: undefined });
    return undefined;
  }

  /** The event of this call, or nothing where `when` says so. All functions are called before the response is sent. */
  private resolve(
    { type, options }: Tracking,
    scope: TrackContext,
  ): EventRequest | undefined | PromiseLike<EventRequest | undefined> {
    const when = resolveOption(options.when, scope);
    if (when === false) return undefined;
    const parts = [
      when,
      resolveOption(options.user ?? this.options.user, scope),
      resolveOption(options.action, scope),
      resolveOption(options.idempotenceKey, scope),
      resolveOption(options.traits, scope),
      resolveOption(options.occurredAt, scope),
    ];
    return parts.some(isThenable)
      ? Promise.all(parts).then((values) => toRequest(type, values))
      : toRequest(type, parts);
  }
}

function resolveOption(option: unknown, scope: TrackContext): unknown {
  return typeof option === 'function' ? option(scope) : option;
}

/** Not `instanceof Promise`: a function of the host may return any kind of promise. */
function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function toRequest(type: EventRequest['type'], parts: readonly unknown[]): EventRequest | undefined {
  const [when, userId, action, idempotenceKey, traits, occurredAt] = parts;
  return when === false ? undefined : { type, userId, action, idempotenceKey, traits, occurredAt };
}
