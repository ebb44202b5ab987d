import type { MessageEvent } from '@nestjs/common';
import {
  endWith,
  ignoreElements,
  interval,
  map,
  merge,
  NEVER,
  type Observable,
  share,
  takeUntil,
} from 'rxjs';
import type { Notification } from './notifications.js';

/** How often a line that is quiet shows that it is open, in milliseconds: proxies cut those that seem dead. */
const HEARTBEAT = 30_000;

/**
 * Notifications as the server-sent events of a controller, each under its id, so that a browser which lost the line goes
 * on behind the last one that it saw:
 *
 * ```ts
 * @Sse('notifications')
 * stream(@User() userId: string, @Headers('last-event-id') after?: string) {
 *   return toServerSentEvents(this.notifications.stream(userId, { after }));
 * }
 * ```
 *
 * Events are of the type `notification`; between them, quiet lines carry one of the type `ping`.
 *
 * @param heartbeat how often a ping is sent, in milliseconds
 */
export function toServerSentEvents(
  notifications: Observable<Notification>,
  heartbeat: number = HEARTBEAT,
): Observable<MessageEvent> {
  const shared = notifications.pipe(share());
  const ended = shared.pipe(ignoreElements(), endWith(undefined));
  const pings = heartbeat > 0 ? interval(heartbeat) : NEVER;
  return merge(
    shared.pipe(
      map(
        (notification): MessageEvent => ({
          type: 'notification',
          data: notification,
          ...(notification.id === undefined ? {} : { id: notification.id }),
        }),
      ),
    ),
    pings.pipe(
      takeUntil(ended),
      map((): MessageEvent => ({ type: 'ping', data: '' })),
    ),
  );
}
