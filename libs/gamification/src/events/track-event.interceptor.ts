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
import type { EventRequest } from './event.js';
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
    const { type, options } = tracking;
    const request = this.request(tracking, scope);
    if (!request) return undefined;
    if (!(request instanceof Promise)) {
      if (options.sync) return this.intake.submit(request, true);
      this.intake.enqueue(request);
      return undefined;
    }
    const resolved = request.catch((cause: unknown) => {
      throw this.failure(tracking, scope, cause);
    });
    if (options.sync) return resolved.then((event) => event && this.intake.submit(event, true));
    const reported = resolved.catch((error: Error) => {
      this.intake.report(error, { type, userId: undefined });
      return undefined;
    });
    this.intake.enqueueResolved(type, reported);
    return undefined;
  }

  /** The event of this call, or nothing where `when` says so. */
  private request(
    tracking: Tracking,
    scope: TrackContext,
  ): EventRequest | undefined | Promise<EventRequest | undefined> {
    const when = evaluate(tracking.options.when ?? true, scope);
    if (!isThenable(when)) return when ? this.build(tracking, scope) : undefined;
    return Promise.resolve(when).then((applies) => (applies ? this.build(tracking, scope) : undefined));
  }

  private build({ type, options }: Tracking, scope: TrackContext): EventRequest | Promise<EventRequest> {
    const userId = evaluate(options.user ?? this.options.user, scope);
    const action = evaluate(options.action, scope);
    const idempotenceKey = evaluate(options.idempotenceKey, scope);
    const traits = evaluate(options.traits, scope);
    const occurredAt = evaluate(options.occurredAt, scope);
    if (![userId, action, idempotenceKey, traits, occurredAt].some(isThenable)) {
      return { type, userId, action, idempotenceKey, traits, occurredAt };
    }
    return Promise.all([userId, action, idempotenceKey, traits, occurredAt]).then(
      ([userId, action, idempotenceKey, traits, occurredAt]) => ({
        type,
        userId,
        action,
        idempotenceKey,
        traits,
        occurredAt,
      }),
    );
  }

  private failure(tracking: Tracking, { context }: TrackContext, cause: unknown): Error {
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    return new EventResolutionError(typeOf(tracking.type), handler, { cause });
  }
}

/** The value of an option for one call. What its function throws is a rejection, as of one that is asynchronous. */
function evaluate(option: unknown, scope: TrackContext): unknown {
  if (typeof option !== 'function') return option;
  try {
    return option(scope);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Not `instanceof Promise`: a function of the host may return any kind of promise. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
