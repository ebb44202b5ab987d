import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Headers, type INestApplication, type MessageEvent, Param, Sse } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EventTracker,
  eachOf,
  GamificationModule,
  type Notification,
  Notifications,
  toServerSentEvents,
} from 'nestjs-gamification';
import { filter, firstValueFrom, type Observable, Subject, share, take, toArray } from 'rxjs';
import { memory, storages, type TestStorage } from '../support/storages.js';

const mechanics = {
  ratings: {
    xp: {
      name: 'Experience',
      rules: [{ on: 'like', value: 10 }],
      levels: [
        { name: 'One', from: 10 },
        { name: 'Two', from: 20 },
      ],
      messages: { levelUp: '{name}: {to}', levelDown: 'Back to {to}' },
    },
  },
  resources: {
    coins: {
      name: 'Coins',
      rules: [{ on: 'order', value: 5 }],
      messages: { received: '+{amount} = {total}' },
    },
  },
};

@Controller()
class InboxController {
  constructor(private readonly notifications: Notifications) {}

  @Sse(':user/notifications')
  stream(@Param('user') user: string, @Headers('last-event-id') after?: string): Observable<MessageEvent> {
    return toServerSentEvents(this.notifications.stream(user, { after }));
  }
}

describe.each(storages)('notifications on $name', (kind) => {
  let storage: TestStorage;
  let app: INestApplication;
  let tracker: EventTracker;
  let notifications: Notifications;

  const start = async () => {
    const module = await Test.createTestingModule({
      imports: [GamificationModule.forRoot({ storage: { url: storage.url }, mechanics })],
      controllers: [InboxController],
    }).compile();
    module.useLogger(false);
    const application = module.createNestApplication();
    await application.listen(0);
    return application;
  };

  beforeEach(async () => {
    storage = await kind.create();
    app = await start();
    tracker = app.get(EventTracker);
    notifications = app.get(Notifications);
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  const like = (userId: string, action = 'create') => tracker.track('like', { userId, action });
  const order = (userId: string) => tracker.track('order', { userId });
  const messages = (list: readonly Notification[]) => list.map(({ message }) => message);

  it('are written for each change that has a template, with its values', async () => {
    const { eventId } = await like('ann');
    await like('ann');
    await like('ann', 'remove');
    const { items } = await notifications.list({ userId: 'ann' });
    expect(messages(items)).toEqual(['Back to One', 'Experience: Two', 'Experience: One']);
    expect(items[2]).toMatchObject({
      userId: 'ann',
      mechanicId: 'xp',
      change: 'rating.levelUp',
      eventId,
      read: false,
    });
  });

  it('are written once for an event that is repeated', async () => {
    const repeated = { userId: 'ann', idempotenceKey: 'o1' };
    await tracker.track('order', repeated);
    await tracker.track('order', repeated);
    expect(messages((await notifications.list()).items)).toEqual(['+5 = 5']);
  });

  it('are listed latest first, page by page, of one user or all', async () => {
    for (const user of ['ann', 'bob', 'ann', 'ann']) await order(user);
    const all = [];
    for await (const { message } of eachOf((page) => notifications.list({ ...page, userId: 'ann' }), 2))
      all.push(message);
    expect(all).toEqual(['+5 = 15', '+5 = 10', '+5 = 5']);
    expect((await notifications.list()).items).toHaveLength(4);
  });

  it('are read when they are marked, and only the own ones', async () => {
    for (const user of ['ann', 'ann', 'bob']) await order(user);
    const [latest] = (await notifications.list({ userId: 'ann' })).items;
    const [bobs] = (await notifications.list({ userId: 'bob' })).items;
    expect(await notifications.markRead('ann', [latest?.id ?? '', bobs?.id ?? '', 'nothing'])).toBe(1);
    expect(messages((await notifications.unread({ userId: 'ann' })).items)).toEqual(['+5 = 5']);
    expect(await notifications.markRead('ann')).toBe(1);
    expect(await notifications.markRead('ann')).toBe(0);
    expect((await notifications.unread()).items).toMatchObject([{ userId: 'bob', read: false }]);
  });

  it('come to whoever listens, in order, and to nobody else', async () => {
    await order('ann');
    const { items } = await notifications.list();
    const since = collect(notifications.stream('ann', { after: items[0]?.id }), 3);
    await order('bob');
    for (let times = 0; times < 3; times++) await order('ann');
    expect(messages(await since)).toEqual(['+5 = 10', '+5 = 15', '+5 = 20']);
    const again = collect(notifications.stream('ann', { after: items[0]?.id }), 3);
    expect(messages(await again)).toEqual(['+5 = 10', '+5 = 15', '+5 = 20']);
  });

  const itWhereShared = kind === memory ? it.skip : it;

  itWhereShared('come from other instances as well', async () => {
    await order('ann');
    const { items } = await notifications.list();
    const coming = collect(notifications.stream('ann', { after: items[0]?.id }), 1);
    const other = await start();
    try {
      await other.get(EventTracker).track('order', { userId: 'ann' });
      expect(messages(await coming)).toEqual(['+5 = 10']);
    } finally {
      await other.close();
    }
  });

  it('reach a browser as server-sent events, and go on behind the last one that it saw', async () => {
    await order('ann');
    const [first] = (await notifications.list()).items;
    await order('ann');
    const [second] = (await notifications.list()).items;
    const url = `${await app.getUrl()}/ann/notifications`;
    const response = await fetch(url, { headers: { 'last-event-id': first?.id ?? '' } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await until(response, '+5 = 10');
    expect(text).toContain('event: notification');
    expect(text).toContain(`id: ${second?.id}`);
    expect(text).not.toContain('+5 = 5"');
  });

  it('end with the application, also where somebody listens over HTTP', async () => {
    const ended = new Promise<void>((resolve) => {
      notifications.stream('ann').subscribe({ complete: resolve });
    });
    const response = await fetch(`${await app.getUrl()}/ann/notifications`);
    await app.close();
    await ended;
    await response.text();
    app = await start();
  });
});

describe('server-sent events', () => {
  it('have pings between them, and end with their source', async () => {
    const source = new Subject<Notification>();
    const events = toServerSentEvents(source, 1).pipe(share());
    const all = collect(events, Number.POSITIVE_INFINITY);
    await firstValueFrom(events.pipe(filter(({ type }) => type === 'ping')));
    source.next({ userId: 'ann', message: 'hello' });
    source.complete();
    expect((await all).filter(({ type }) => type === 'notification')).toEqual([
      { type: 'notification', data: { userId: 'ann', message: 'hello' } },
    ]);
  });
});

function collect<T>(source: Observable<T>, count: number): Promise<T[]> {
  return new Promise((resolve, reject) => {
    source.pipe(take(count), toArray()).subscribe({ next: resolve, error: reject });
  });
}

/** What a response says until a text has come; then it is given up. */
async function until(response: Response, wanted: string): Promise<string> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(wanted)) break;
  }
  return text;
}
