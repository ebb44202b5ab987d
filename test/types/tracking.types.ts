/**
 * What TypeScript lets pass and what it does not. Checked by `npm run typecheck`: a line under `@ts-expect-error` that
 * compiles is an error. Nothing here runs.
 */
import { IsInt, IsOptional, IsString } from 'class-validator';
import {
  ActionEvent,
  type EventTracker,
  GameEvent,
  type TrackContext,
  TrackEvent,
  UniqueEvent,
} from 'nestjs-gamification';

class OrderPlaced extends GameEvent('order.placed') {
  @IsString() orderNumber!: string;
  @IsInt() total!: number;
  @IsOptional() @IsString() note?: string;
}
class Registered extends GameEvent('register') {}
class Like extends ActionEvent('like', 'boost') {}
class Visit extends UniqueEvent('visit') {}

interface Order {
  readonly id: string;
  readonly total: number;
}

declare const tracker: EventTracker;
const userId = 'alice';
const traits = { orderNumber: 'A1', total: 1 };

export const accepted = [
  tracker.track(OrderPlaced, { userId, traits }),
  tracker.track(OrderPlaced, {
    userId,
    traits: { ...traits, note: 'no sugar' },
    idempotenceKey: 'k',
    occurredAt: new Date(),
  }),
  tracker.track(Registered, { userId }),
  tracker.track(Like, { userId, action: 'create' }),
  tracker.track(Like, { userId, action: 'boost' }),
  tracker.track(Visit, { userId, idempotenceKey: 'k' }),
  tracker.track('anything', { userId, action: 'any', traits: { any: ['thing'] } }),
  tracker.enqueue(Registered, { userId }),
  tracker.trackMany([
    [OrderPlaced, { userId, traits }],
    [Like, { userId, action: 'remove' }],
    ['bare', { userId }],
  ]),
];

export const refused = [
  // @ts-expect-error a user is needed
  tracker.track(Registered, {}),
  // @ts-expect-error the class has traits without which the event is not complete
  tracker.track(OrderPlaced, { userId }),
  // @ts-expect-error a trait of the wrong type
  tracker.track(OrderPlaced, { userId, traits: { orderNumber: 1, total: 1 } }),
  // @ts-expect-error a trait that the class does not declare
  tracker.track(OrderPlaced, { userId, traits: { orderNumber: 'A1', total: 1, extra: 1 } }),
  // @ts-expect-error an action is needed
  tracker.track(Like, { userId }),
  // @ts-expect-error an action that was not declared
  tracker.track(Like, { userId, action: 'destroy' }),
  // @ts-expect-error only an action event has an action
  tracker.track(Registered, { userId, action: 'create' }),
  // @ts-expect-error a unique event needs its key
  tracker.track(Visit, { userId }),
  // @ts-expect-error a time is a Date
  tracker.track(Registered, { userId, occurredAt: '2026-01-01' }),
  // @ts-expect-error enqueue is as strict as track
  tracker.enqueue(Visit, { userId }),
  tracker.trackMany([
    [Registered, { userId }],
    // @ts-expect-error each event is checked against its own class
    [Like, { userId, action: 'destroy' }],
  ]),
];

export class Handlers {
  @TrackEvent(OrderPlaced, {
    idempotenceKey: ({ result }) => result.id,
    traits: ({ result }) => ({ orderNumber: result.id, total: result.total }),
  })
  untypedResult(): Promise<Order> {
    throw new Error('never called');
  }

  @TrackEvent(OrderPlaced, {
    user: ({ request }) => request.user?.id,
    traits: ({ result }: TrackContext<Order>) => ({ orderNumber: result.id, total: result.total }),
  })
  typedResult(): Promise<Order> {
    throw new Error('never called');
  }

  // @ts-expect-error the handler does not return what the options expect
  @TrackEvent(OrderPlaced, {
    traits: ({ result }: TrackContext<Order>) => ({ orderNumber: result.id, total: result.total }),
  })
  otherResult(): Promise<string> {
    throw new Error('never called');
  }

  @TrackEvent(Registered)
  @TrackEvent('bare')
  optionless(): void {}

  // @ts-expect-error the traits are needed
  @TrackEvent(OrderPlaced)
  withoutTraits(): void {}

  // @ts-expect-error the action is needed
  @TrackEvent(Like, {})
  withoutAction(): void {}

  // @ts-expect-error the key is needed
  @TrackEvent(Visit, { when: true })
  withoutKey(): void {}

  // @ts-expect-error a trait of the wrong type
  @TrackEvent(OrderPlaced, { traits: { orderNumber: 1, total: 1 } })
  wrongTrait(): void {}
}
