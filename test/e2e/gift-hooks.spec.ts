import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AfterGiftReply,
  AfterGiftRequest,
  BeforeGiftReply,
  BeforeGiftRequest,
  Friends,
  GiftRefusedError,
  type GiftReply,
  GiftRequestNotFoundError,
  Gifts,
  type NewGiftRequest,
} from 'nestjs-gamification';
import { GamificationTestingModule } from 'nestjs-gamification/testing';

/** A quota of two requests a user, and a record of what the hooks saw. */
@Injectable()
class Quota {
  readonly seen: unknown[] = [];
  private readonly requests = new Map<string, number>();

  constructor(private readonly gifts: Gifts) {}

  @BeforeGiftRequest()
  count({ userId }: NewGiftRequest): void {
    const requests = (this.requests.get(userId) ?? 0) + 1;
    if (requests > 2) throw new GiftRefusedError('E_GIFT_QUOTA_EXCEEDED', 'You have exceeded your quota');
    this.requests.set(userId, requests);
  }

  @AfterGiftRequest()
  async requested(_: NewGiftRequest, requestId: string): Promise<void> {
    const { items } = await this.gifts.list({ userId: 'bob' });
    this.seen.push(['requested', items.some(({ id }) => id === requestId)]);
  }

  @BeforeGiftReply()
  reply({ response }: GiftReply): void {
    if (response === 'deny') throw new GiftRefusedError('E_NO_WAY', 'Nobody denies anything here');
  }

  @AfterGiftReply()
  async replied(): Promise<void> {
    this.seen.push(['replied', (await this.gifts.list({ userId: 'bob' })).items.length]);
  }
}

describe('hooks of gifts on the engine', () => {
  let app: INestApplication;
  let gifts: Gifts;

  beforeEach(async () => {
    const module = await Test.createTestingModule({
      imports: [GamificationTestingModule.forRoot()],
      providers: [Quota],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
    gifts = app.get(Gifts);
    await app.get(Friends).request('ada', 'bob');
    await app.get(Friends).accept('bob', 'ada');
  });

  afterEach(() => app.close());

  it('keep a request from being made, with the code of the application', async () => {
    for (let time = 0; time < 2; time++) await gifts.request({ userId: 'ada' });
    await expect(gifts.request({ userId: 'ada' })).rejects.toMatchObject({ code: 'E_GIFT_QUOTA_EXCEEDED' });
    expect((await gifts.list({ userId: 'bob' })).items).toHaveLength(2);
  });

  it('run afterwards once the change is committed', async () => {
    const requestId = await gifts.request({ userId: 'ada' });
    await expect(gifts.reply({ userId: 'bob', requestId, response: 'deny' })).rejects.toMatchObject({
      code: 'E_NO_WAY',
    });
    await gifts.reply({ userId: 'bob', requestId });
    expect(app.get(Quota).seen).toEqual([
      ['requested', true],
      ['replied', 0],
    ]);
  });

  it('are not asked about requests that there are not', async () => {
    const reply = { userId: 'bob', requestId: 'none', response: 'deny' } as const;
    await expect(gifts.reply(reply)).rejects.toThrow(GiftRequestNotFoundError);
  });
});
