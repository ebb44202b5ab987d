import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AfterGiftReply,
  AfterGiftRequest,
  BeforeGiftReply,
  BeforeGiftRequest,
  GamificationModule,
  GiftRefusedError,
  type GiftReply,
  Gifts,
  InvalidRequestError,
  type NewGiftRequest,
  PlayblazerError,
  PlayblazerGiftRequestExpiredError,
  PlayblazerGiftRequestFailedError,
  PlayblazerInvalidGiftRequestError,
  PlayblazerNoProfileError,
  PlayblazerService,
} from 'nestjs-gamification';
import { TestClock } from '../support/application.js';
import { error, PlayblazerServer } from '../support/playblazer-server.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** An application with the hooks that the seed speaks of. */
@Injectable()
class AppCode {
  readonly calls: string[] = [];
  quota = Number.POSITIVE_INFINITY;

  @BeforeGiftRequest()
  async checkQuota({ userId }: NewGiftRequest): Promise<void> {
    this.calls.push(`pre request ${userId}`);
    if (this.quota-- <= 0) {
      throw new GiftRefusedError('E_GIFT_QUOTA_EXCEEDED', 'You have exceeded your quota of gifts');
    }
  }

  @AfterGiftRequest()
  requested({ userId }: NewGiftRequest, requestId: string): void {
    this.calls.push(`post request ${userId} ${requestId}`);
  }

  @BeforeGiftReply()
  checkReply({ response = 'accept' }: GiftReply): void {
    this.calls.push(`pre reply ${response}`);
    if (response === 'deny') throw new GiftRefusedError('E_RUDE', 'Be kind');
  }

  @AfterGiftReply()
  replied({ requestId }: GiftReply): void {
    this.calls.push(`post reply ${requestId}`);
  }
}

describe('The seed of Playblazer Gifts', () => {
  const clock = new TestClock();
  let server: PlayblazerServer;
  let app: INestApplicationContext;
  let playblazer: PlayblazerService;

  beforeEach(async () => {
    server = await PlayblazerServer.start(() => clock.now());
    server.addProfile({ first_name: 'Kunal', last_name: 'TestHG', fbid: 'kunalg', email: 'k@example.org' });
    server.addProfile({ first_name: 'Funky', last_name: 'Dude', fbid: 'abcd', lang: 'it' });
    server.addProfile({ first_name: 'Third', fbid: '123456', googleid: 'g-3', twitterid: 't-3' });
    const { url, appId, secretKey } = server;
    const module = await Test.createTestingModule({
      imports: [
        GamificationModule.forRoot({
          storage: false,
          playblazer: { url, appId, secretKey, mode: 'fb', maxRetries: 0 },
        }),
      ],
      providers: [AppCode],
    }).compile();
    module.useLogger(false);
    app = await module.init();
    playblazer = app.get(PlayblazerService);
  });

  afterEach(async () => {
    await app.close();
    await server.close();
  });

  const item = { item_name: 'item1', item_id: '1234' };

  describe('Request for gifts from friends', () => {
    it('seed: POST {BASE_URL}/app/<APP_ID>/gifts/<MODE>/<USER_ID>/request/new -F secret_key -F custom:item_name=item1 -F custom:item_id=1234 -F expiry=3600', async () => {
      server.http.answer({ json: { status: 'ok', request_id: '0d0b6ed1c5904b3f88ddfa791e6e1635' } });

      const id = await playblazer.requestGift({ userId: 'kunalg', attributes: item, expiresIn: 3600 });

      expect(id).toBe('0d0b6ed1c5904b3f88ddfa791e6e1635');
      const { method, path, headers } = server.http.lastRequest;
      expect([method, path]).toEqual(['POST', '/v1/app/1/gifts/fb/kunalg/request/new']);
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
      expect(server.lastParameters).toEqual({
        secret_key: 'cb8d878989b9478e96d1b1574a1bf4ec',
        'custom:item_name': 'item1',
        'custom:item_id': '1234',
        expiry: '3600',
        fmt: 'json',
      });
    });

    it('seed: "Failed request due to validation (quota exceeded)": code -30004, code_str E_GIFT_QUOTA_EXCEEDED', async () => {
      server.preHook = () => ['You have exceeded your quota of gifts', -30004, 'E_GIFT_QUOTA_EXCEEDED'];

      const failure = playblazer.requestGift({
        userId: 'kunalg',
        attributes: { item_name: 'item2', item_id: '9876' },
        expiresIn: 3600,
      });

      await expect(failure).rejects.toThrow(PlayblazerError);
      await expect(failure).rejects.toMatchObject({
        remoteCode: 'E_GIFT_QUOTA_EXCEEDED',
        remoteNumber: -30004,
        remoteMessage: 'You have exceeded your quota of gifts',
      });
    });

    it('seed: expiry, "If not passed, the default expiry time of 24 hrs is used"', async () => {
      await playblazer.requestGift({ userId: 'kunalg' });

      expect(server.lastParameters).toEqual({ secret_key: server.secretKey, fmt: 'json' });
      const { requests } = await playblazer.listGiftRequests({ userId: 'abcd' });
      expect(requests[0]?.expiresAt.getTime()).toBe(clock.now() + DAY);
    });

    it('seed: custom:attr1, custom:attr2, … "are returned in the output of the List Gift Requests API call"', async () => {
      const attributes = { attr1: 'ä & b=c', attr2: '', 'x:y': '100 %', constructor: 'c' };

      await playblazer.requestGift({ userId: 'kunalg', attributes });

      const { requests } = await playblazer.listGiftRequests({ userId: 'abcd' });
      expect(requests[0]?.extra).toEqual(attributes);
    });

    it.each([
      ['fb', '123456'],
      ['google', 'g-3'],
      ['twitter', 't-3'],
    ])('seed: MODE, "The mode for user ID interpretation": %s', async (mode, userId) => {
      await playblazer.requestGift({ userId, mode });

      expect(server.lastPath).toBe(`/v1/app/1/gifts/${mode}/${userId}/request/new`);
      const { requests } = await playblazer.listGiftRequests({ userId: 'abcd' });
      expect(requests[0]?.user.firstName).toBe('Third');
    });

    it('seed: E_NO_PROFILE "if the requesting user\'s profile is not found"', async () => {
      await expect(playblazer.requestGift({ userId: 'nobody' })).rejects.toThrow(PlayblazerNoProfileError);
    });

    it('seed: E_GIFT_REQUEST_FAILED "if the request fails for some unknown reason"', async () => {
      server.http.answer(error('Gift request failed', -30001, 'E_GIFT_REQUEST_FAILED'));

      await expect(playblazer.requestGift({ userId: 'kunalg' })).rejects.toThrow(
        PlayblazerGiftRequestFailedError,
      );
    });

    it('seed: "The pre hook is triggered before the gift request is saved": a quota on gift requests; "the post hook … after"', async () => {
      const code = app.get(AppCode);
      code.quota = 1;

      const id = await app.get(Gifts).request({ userId: 'kunalg', attributes: item });
      const refusal = app.get(Gifts).request({ userId: 'kunalg', attributes: item });

      await expect(refusal).rejects.toThrow(GiftRefusedError);
      await expect(refusal).rejects.toMatchObject({
        code: 'E_GIFT_QUOTA_EXCEEDED',
        message: 'You have exceeded your quota of gifts',
      });
      expect(code.calls).toEqual(['pre request kunalg', `post request kunalg ${id}`, 'pre request kunalg']);
      expect(server.http.requests).toHaveLength(1);
    });
  });

  describe('List gift requests', () => {
    it('seed: curl "http://api.playblazer.com/v1/app/1/gifts/fb/kunalg/list?secret_key=cb8d878989b9478e96d1b1574a1bf4ec"', async () => {
      server.http.answer({
        body: `{
          "status": "ok",
          "count": 2,
          "requests": [
            {
              "extra": {},
              "expiry_time": { "timestamp": 1383297456, "time_str": "2013-11-01 09:17:36 +0000" },
              "id": "5d4a91c0616d4c4fa1bf115adee8a60c",
              "user": {
                "lang": "it", "first_name": "Funky", "last_name": "Dude", "twitterid": null,
                "fbid": "123456", "deviceid": "l", "email": null, "googleid": null
              }
            },
            {
              "extra": { "item_id": "1234", "item_name": "item1" },
              "expiry_time": { "timestamp": 1387531194, "time_str": "2013-12-20 09:19:54 +0000" },
              "id": "0d0b6ed1c5904b3f88ddfa791e6e1635",
              "user": {
                "first_name": "Kunal", "last_name": "TestHG", "twitterid": null, "fbid": "kunalg",
                "deviceid": null, "email": null, "googleid": null
              }
            }
          ]
        }`,
      });

      expect(await playblazer.listGiftRequests({ userId: 'kunalg' })).toEqual({
        count: 2,
        requests: [
          {
            id: '5d4a91c0616d4c4fa1bf115adee8a60c',
            extra: {},
            expiresAt: new Date('2013-11-01T09:17:36Z'),
            user: { firstName: 'Funky', lastName: 'Dude', language: 'it', fbid: '123456', deviceid: 'l' },
          },
          {
            id: '0d0b6ed1c5904b3f88ddfa791e6e1635',
            extra: { item_id: '1234', item_name: 'item1' },
            expiresAt: new Date('2013-12-20T09:19:54Z'),
            user: { firstName: 'Kunal', lastName: 'TestHG', fbid: 'kunalg' },
          },
        ],
      });
      const { method, path, body } = server.http.lastRequest;
      expect([method, path, body]).toEqual([
        'GET',
        '/v1/app/1/gifts/fb/kunalg/list?secret_key=cb8d878989b9478e96d1b1574a1bf4ec&fmt=json',
        '',
      ]);
    });

    it('seed: start, "default 0", and limit, "The no. of entries to return": "Used for pagination"', async () => {
      for (const expiresIn of [100, 200, 300]) {
        await playblazer.requestGift({ userId: 'kunalg', expiresIn, attributes: { n: String(expiresIn) } });
      }
      const numbers = async (query: { start?: number; limit?: number }) => {
        const { count, requests } = await playblazer.listGiftRequests({ userId: 'abcd', ...query });
        expect(count).toBe(requests.length);
        return requests.map(({ extra }) => extra.n);
      };

      expect(await numbers({})).toEqual(['100', '200', '300']);
      expect(await numbers({ limit: 2 })).toEqual(['100', '200']);
      expect(await numbers({ start: 1 })).toEqual(['200', '300']);
      expect(await numbers({ start: 1, limit: 1 })).toEqual(['200']);
      expect(server.lastParameters).toMatchObject({ start: '1', limit: '1' });
    });

    it('seed: sort, "asc - increasing sorting order (default)", "desc" by expiry time', async () => {
      for (const expiresIn of [200, 100]) {
        await playblazer.requestGift({ userId: 'kunalg', expiresIn, attributes: { n: String(expiresIn) } });
      }
      const numbers = async (sort?: 'asc' | 'desc') =>
        (await playblazer.listGiftRequests({ userId: 'abcd', sort })).requests.map(({ extra }) => extra.n);

      expect(await numbers()).toEqual(['100', '200']);
      expect(await numbers('asc')).toEqual(['100', '200']);
      expect(await numbers('desc')).toEqual(['200', '100']);
      expect(server.lastParameters.sort).toBe('desc');
    });

    it('seed: "This API call doesn\'t filter out gift requests that are already expired"', async () => {
      await playblazer.requestGift({ userId: 'kunalg', expiresIn: 1 });
      clock.advance(HOUR);

      expect((await playblazer.listGiftRequests({ userId: 'abcd' })).requests).toHaveLength(1);
    });

    it('seed: "a list of gift requests the caller has received from friends": all of them, and not the caller', async () => {
      const id = await playblazer.requestGift({ userId: 'kunalg' });

      for (const userId of ['abcd', '123456']) {
        const { requests } = await playblazer.listGiftRequests({ userId });
        expect(requests.map((request) => request.id)).toEqual([id]);
      }
      expect((await playblazer.listGiftRequests({ userId: 'kunalg' })).requests).toEqual([]);
    });
  });

  describe('Reply to gift request / send a gift to friend', () => {
    it('seed: POST {BASE_URL}/app/<APP_ID>/gifts/<MODE>/<USER_ID>/request/reply -F custom:item_name=item1 -F resp=accept -F request_id=…', async () => {
      const requestId = await playblazer.requestGift({ userId: 'kunalg' });

      await expect(
        playblazer.replyToGiftRequest({ userId: 'abcd', requestId, response: 'accept', attributes: item }),
      ).resolves.toBeUndefined();

      const { method, path } = server.http.lastRequest;
      expect([method, path]).toEqual(['POST', '/v1/app/1/gifts/fb/abcd/request/reply']);
      expect(server.lastParameters).toEqual({
        secret_key: server.secretKey,
        'custom:item_name': 'item1',
        'custom:item_id': '1234',
        resp: 'accept',
        request_id: requestId,
        fmt: 'json',
      });
      expect(server.replies).toMatchObject([
        { requestId, resp: 'accept', extra: item, from: { fbid: 'abcd' } },
      ]);
    });

    it('seed: resp, "accept - … (default if not set)", "deny - to indicate the request was denied"', async () => {
      const requestId = await playblazer.requestGift({ userId: 'kunalg' });

      await playblazer.replyToGiftRequest({ userId: 'abcd', requestId });
      await playblazer.replyToGiftRequest({ userId: '123456', requestId, response: 'deny' });

      expect(server.replies.map(({ resp }) => resp)).toEqual(['accept', 'deny']);
    });

    it('seed: "No request ID passed": refused here; from a server, "Request ID not passed", code -30002, E_GIFT_INVALID_REQUEST', async () => {
      // @ts-expect-error the id is missing
      const unsent = playblazer.replyToGiftRequest({ userId: 'abcd', attributes: item, response: 'accept' });
      await expect(unsent).rejects.toThrow(InvalidRequestError);
      await expect(unsent).rejects.toThrow(/requestId is missing/);
      expect(server.http.requests).toEqual([]);

      server.http.answer(error('Request ID not passed', -30002, 'E_GIFT_INVALID_REQUEST'));
      const refused = playblazer.replyToGiftRequest({ userId: 'abcd', requestId: 'x' });
      await expect(refused).rejects.toThrow(PlayblazerInvalidGiftRequestError);
      await expect(refused).rejects.toMatchObject({
        remoteNumber: -30002,
        remoteCode: 'E_GIFT_INVALID_REQUEST',
        remoteMessage: 'Request ID not passed',
      });
    });

    it('seed: "Invalid request ID passed", request_id=-1: "Request with id=\'-1\' not found", code -30002', async () => {
      const failure = playblazer.replyToGiftRequest({ userId: 'abcd', requestId: '-1', response: 'accept' });

      await expect(failure).rejects.toThrow(PlayblazerInvalidGiftRequestError);
      await expect(failure).rejects.toMatchObject({
        remoteNumber: -30002,
        remoteMessage: "Request with id='-1' not found",
      });
    });

    it('seed: "Request expired": code -30003, E_GIFT_REQUEST_EXPIRED', async () => {
      const requestId = await playblazer.requestGift({ userId: 'kunalg', expiresIn: 3600 });
      clock.advance(2 * HOUR);

      const failure = playblazer.replyToGiftRequest({ userId: 'abcd', requestId });

      await expect(failure).rejects.toThrow(PlayblazerGiftRequestExpiredError);
      await expect(failure).rejects.toMatchObject({
        remoteNumber: -30003,
        remoteCode: 'E_GIFT_REQUEST_EXPIRED',
        remoteMessage: `Request with id='${requestId}' has expired`,
      });
    });

    it('seed: "this API also provides the pre and the post hooks that the app-specific code can use for validations"', async () => {
      const code = app.get(AppCode);
      const requestId = await playblazer.requestGift({ userId: 'kunalg' });

      await app.get(Gifts).reply({ userId: 'abcd', requestId });
      const refusal = app.get(Gifts).reply({ userId: 'abcd', requestId, response: 'deny' });

      await expect(refusal).rejects.toMatchObject({ code: 'E_RUDE', message: 'Be kind' });
      expect(code.calls).toEqual(['pre reply accept', `post reply ${requestId}`, 'pre reply deny']);
      expect(server.replies).toHaveLength(1);
    });
  });

  it('seed: fmt, "One of (json | xml) - the format of output": JSON is asked for in every call', async () => {
    const requestId = await playblazer.requestGift({ userId: 'kunalg' });
    expect(server.lastParameters.fmt).toBe('json');
    await playblazer.listGiftRequests({ userId: 'abcd' });
    expect(server.lastParameters.fmt).toBe('json');
    await playblazer.replyToGiftRequest({ userId: 'abcd', requestId });
    expect(server.lastParameters.fmt).toBe('json');
  });
});
