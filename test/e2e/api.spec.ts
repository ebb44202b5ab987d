import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EventTracker,
  Friends,
  GamificationController,
  Gifts,
  type MechanicsDefinition,
  type PaymentCode,
  PaymentPagesController,
  Payments,
  Wallets,
} from 'nestjs-gamification';
import { GamificationTestingModule } from 'nestjs-gamification/testing';

@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    if (request.headers['x-user'] === undefined) throw new UnauthorizedException();
    request.user = { id: request.headers['x-user'] };
    return true;
  }
}

@Controller('api')
@UseGuards(HeaderGuard)
class ApiController extends GamificationController {}

@Controller('payments')
class PagesController extends PaymentPagesController {}

const mechanics: MechanicsDefinition = {
  ratings: {
    xp: {
      name: 'Experience',
      rules: [{ on: 'win', value: 'event.n' }],
      periods: ['all', 'week'],
      levels: [{ name: 'Guest', from: 0 }],
    },
  },
  badges: {
    winner: { name: 'Winner', when: { on: 'win' }, messages: { earned: 'You have earned {name}' } },
    champion: { name: 'Champion', description: 'Ten wins', permanent: true, when: { on: 'win', times: 10 } },
  },
  challenges: {
    start: {
      name: 'Start',
      steps: [
        { name: 'Win', on: 'win' },
        { id: 'lose', on: 'lose', weight: 2 },
      ],
      reward: { resource: 'coins', amount: 1 },
    },
  },
  streaks: { daily: { name: 'Daily', on: 'win', every: 'day' } },
  resources: { coins: { name: 'Coins', rules: [{ on: 'win', value: 3 }] } },
  products: { mug: { name: 'Mug', price: 5, limit: 2 } },
};

describe('the pages of an application', () => {
  let app: INestApplication;
  let sent: PaymentCode[];

  beforeEach(async () => {
    sent = [];
    const module = await Test.createTestingModule({
      imports: [
        GamificationTestingModule.forRoot({
          mechanics,
          user: ({ request }) => request.user?.id,
          payments: {
            confirmationUrl: 'http://localhost/payments/{paymentId}',
            codeSender: {
              async send(code) {
                sent.push(code);
              },
            },
          },
        }),
      ],
      controllers: [ApiController, PagesController],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const tracker = app.get(EventTracker);
    await tracker.identify('ada', { firstName: 'Ada' });
    for (const [userId, n] of [
      ['ada', 2],
      ['bob', 5],
      ['eve', 1],
    ] as const) {
      await tracker.track('win', { userId, traits: { n } });
    }
  });

  afterEach(() => app.close());

  async function ask(path: string, init: RequestInit & { user?: string } = {}) {
    const { user = 'ada', ...rest } = init;
    const headers = { ...(user ? { 'x-user': user } : {}), ...rest.headers };
    const response = await fetch(`${await app.getUrl()}/${path}`, { ...rest, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  const send = (path: string, body: object, user = 'ada') =>
    ask(path, {
      method: 'POST',
      user,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('show what a user has, and what there is to earn', async () => {
    const { body: me } = await ask('api/me');
    expect(me).toMatchObject({
      userId: 'ada',
      ratings: [{ ratingId: 'xp', value: 2, level: 'Guest', position: 2 }],
      badges: [{ badgeId: 'winner' }],
      streaks: [{ streakId: 'daily', length: 1, recent: ['2026-01-01'] }],
    });
    const { body: catalog } = await ask('api/catalog');
    expect(catalog).toEqual({
      ratings: [
        {
          id: 'xp',
          name: 'Experience',
          periods: ['all', 'week'],
          lowerIsBetter: false,
          levels: [{ name: 'Guest', from: 0 }],
        },
      ],
      badges: [
        { id: 'winner', name: 'Winner', permanent: false },
        { id: 'champion', name: 'Champion', description: 'Ten wins', permanent: true },
      ],
      challenges: [
        {
          id: 'start',
          name: 'Start',
          ordered: false,
          steps: [
            { id: '1', name: 'Win', weight: 1 },
            { id: 'lose', weight: 2 },
          ],
          rewards: [{ resource: 'coins', amount: 1 }],
        },
      ],
      streaks: [{ id: 'daily', name: 'Daily', every: 'day' }],
      features: [],
      resources: [{ id: 'coins', name: 'Coins' }],
      products: [{ id: 'mug', name: 'Mug', price: 5, limit: 2 }],
    });
  });

  it('show leaderboards: the first, those around, friends', async () => {
    const order = async (query: string) =>
      (await ask(`api/leaderboards/xp?${query}`)).body.map((place: { userId: string; isOwn: boolean }) => [
        place.userId,
        place.isOwn,
      ]);
    expect(await order('')).toEqual([
      ['bob', false],
      ['ada', true],
      ['eve', false],
    ]);
    expect(await order('of=top&period=week')).toHaveLength(3);
    expect(await order('of=friends')).toEqual([['ada', true]]);
    const { body } = await ask('api/leaderboards/xp');
    expect(body[1]).toMatchObject({ displayName: 'Ada', position: 2, value: 2 });
    for (const query of ['of=all', 'period=never', 'period=a&period=b']) {
      expect(await ask(`api/leaderboards/xp?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_QUERY' },
      });
    }
  });

  it('show wallets, gifts and notifications, of nobody else', async () => {
    await app.get(Friends).request('ada', 'bob');
    await app.get(Friends).accept('bob', 'ada');
    const requestId = await app.get(Gifts).request({ userId: 'bob', gift: { resource: 'coins', amount: 2 } });

    expect((await ask('api/wallet')).body).toEqual([{ userId: 'ada', resource: 'coins', total: 3 }]);
    expect((await ask('api/wallet/entries?resource=coins')).body.items).toMatchObject([{ amount: 3 }]);
    expect((await ask('api/gifts')).body.items).toMatchObject([{ id: requestId, from: { userId: 'bob' } }]);
    expect((await ask('api/gifts', { user: 'eve' })).body.items).toEqual([]);

    expect(await send(`api/gifts/${requestId}/reply`, { response: 'maybe' })).toMatchObject({ status: 400 });
    expect(await send(`api/gifts/${requestId}/reply`, { response: 'accept' }, 'eve')).toMatchObject({
      status: 404,
    });
    expect(await send(`api/gifts/${requestId}/reply`, { response: 'accept' })).toMatchObject({ status: 204 });
    expect((await ask('api/wallet')).body).toMatchObject([{ total: 1 }]);

    const { body: news } = await ask('api/notifications');
    expect(news.items.map(({ message }: { message: string }) => message)).toEqual([
      'A friend asks you for a gift',
      'You have earned Winner',
    ]);
    expect((await send('api/notifications/read', { ids: 'all' })).status).toBe(400);
    expect((await send('api/notifications/read', { ids: [news.items[0].id] })).body).toEqual({ read: 1 });
    expect((await send('api/notifications/read', {})).body).toEqual({ read: 1 });
  });

  it('tell notifications as they come', async () => {
    const abort = new AbortController();
    const response = await fetch(`${await app.getUrl()}/api/notifications/stream`, {
      headers: { 'x-user': 'mia' },
      signal: abort.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await app.get(EventTracker).track('win', { userId: 'mia', traits: { n: 1 } });
    let text = '';
    while (!text.includes('You have earned Winner')) text += (await reader?.read())?.value ?? '';
    abort.abort();
    expect(text).toContain('event: notification');
  });

  it('let in only who is logged in, and take nothing that a form of another site could send', async () => {
    expect((await ask('api/me', { user: '' })).status).toBe(401);
    const form = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    };
    expect(await ask('api/notifications/read', form)).toMatchObject({
      status: 415,
      body: { code: 'JSON_EXPECTED' },
    });
  });

  describe('on which payments are confirmed', () => {
    const create = (more: object = {}) =>
      app.get(Payments).create({
        userId: 'ada',
        amount: { value: '2', currency: 'coins' },
        returnUrl: 'https://shop.example/?a="b"&c',
        description: '<b>Tea</b>',
        ...more,
      });

    const act = (paymentId: string, fields: Record<string, string>) =>
      ask(`payments/${paymentId}`, { method: 'POST', user: '', body: new URLSearchParams(fields) });

    it('take the code, in the language of the payment, and lead back', async () => {
      const { id } = await create({ locale: 'RU' });
      const page = await ask(`payments/${id}`, { user: '' });
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(page.body).toContain('<html lang="ru">');
      expect(page.body).toContain('Подтвердите платёж');
      expect(page.body).toContain('&lt;b&gt;Tea&lt;/b&gt;');
      expect(page.body).not.toContain('<b>');

      const paid = await act(id, { action: 'confirm', code: ` ${sent[0]?.code} ` });
      expect(paid.body).toContain('Оплачено');
      expect(paid.body).toContain('href="https://shop.example/?a=&quot;b&quot;&amp;c"');
      const { items } = await app.get(Wallets).getWallets({ userIds: ['ada'] });
      expect(items).toMatchObject([{ total: 1 }]);
    });

    it('say what is wrong, send new codes and cancel', async () => {
      const { id } = await create({ amount: { value: '4', currency: 'coins' } });
      expect((await act(id, { action: 'confirm', code: 'x' })).body).toContain('the code is wrong');
      expect((await act(id, { action: 'resend' })).body).toContain('A new code is on its way');
      expect(sent).toHaveLength(2);
      const poor = await act(id, { action: 'confirm', code: sent[1]?.code ?? '' });
      expect(poor.body).toContain('Your wallet holds too little');
      expect((await act(id, { action: 'cancel' })).body).toContain('The payment was canceled');
      expect((await ask('payments/none', { user: '' })).status).toBe(404);
      expect((await act('none', { action: 'cancel' })).status).toBe(404);
    });
  });
});
