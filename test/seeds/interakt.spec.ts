import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import {
  type GamificationModuleOptions,
  GamificationOptions,
  InteraktError,
  type InteraktMessage,
  InteraktService,
  RemoteUnavailableError,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { INTERAKT_KEY, INTERAKT_SECRET_KEY, InteraktServer } from '../support/interakt-server.js';

const USERS = '/v1/public/track/users/';
const EVENTS = '/v1/public/track/events/';

describe('what the seed of interakt-track-python 1.0.7 says', () => {
  let server: InteraktServer;
  let app: INestApplicationContext | undefined;

  beforeEach(async () => {
    server = await InteraktServer.start();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app?.close();
    await server.close();
    app = undefined;
  });

  async function start(
    options: Partial<NonNullable<GamificationModuleOptions['interakt']>> = {},
  ): Promise<InteraktService> {
    app = await createContext({
      interakt: { apiKey: INTERAKT_SECRET_KEY, url: server.url, rateLimit: 600_000, ...options },
    });
    return app.get(InteraktService);
  }

  describe('authentication', () => {
    it('seed: track.api_key = "YOUR_API_KEY", the base64 decoded Secret Key without the ":" at its end', async () => {
      const interakt = await start({ apiKey: INTERAKT_KEY, syncMode: true });

      expect(await interakt.user({ userId: 'u' })).toMatchObject({
        status: 'sent',
        answer: { result: true },
      });
    });

    it('seed: go to Settings --> Developer Settings, copy the Secret Key (it may be used as it is)', async () => {
      const interakt = await start({ apiKey: INTERAKT_SECRET_KEY, syncMode: true });

      expect(await interakt.user({ userId: 'u' })).toMatchObject({
        status: 'sent',
        answer: { result: true },
      });
    });
  });

  describe('settings', () => {
    it('seed: the default values of all settings', async () => {
      app = await createContext({ interakt: { apiKey: INTERAKT_KEY } });

      expect(app.get(GamificationOptions).interakt).toMatchObject({
        syncMode: false,
        debug: false,
        timeout: 10_000,
        maxRetries: 3,
        maxQueueSize: 10_000,
        onError: undefined,
        url: 'https://api.interakt.ai',
      });
    });

    it('seed: sync_mode | True: calls the track API synchronously', async () => {
      const interakt = await start({ syncMode: true });

      expect(await interakt.event({ userId: 'u', event: 'NewSignUp' })).toEqual({
        status: 'sent',
        message: { operation: 'event', body: { event: 'NewSignUp', traits: {}, userId: 'u' } },
        answer: { result: true, message: 'Event has been recorded', id: 'event-1' },
      });
      server.answer({ status: 400, json: { result: false, message: 'bad' } });
      await expect(interakt.event({ userId: 'u', event: 'NewSignUp' })).rejects.toThrow(InteraktError);
    });

    it('seed: sync_mode | False (default): calls the track APIs asynchronously using a Queue', async () => {
      const interakt = await start();
      let answer = () => {};
      server.answer({ json: { result: true, message: '' }, until: new Promise<void>((r) => (answer = r)) });

      const receipt = await interakt.user({ userId: 'u', traits: { name: 'J' } });

      expect(receipt).toEqual({
        status: 'queued',
        message: { operation: 'user', body: { traits: { name: 'J' }, userId: 'u' } },
      });
      expect(interakt.waiting).toBe(1);
      answer();
      await interakt.flush();
      expect(server.calls).toEqual([{ path: USERS, body: { traits: { name: 'J' }, userId: 'u' } }]);
    });

    it('seed: debug | True: to turn on debug logging', async () => {
      const debug = jest.spyOn(Logger.prototype, 'debug').mockImplementation(() => {});
      const interakt = await start({ syncMode: true, debug: true });

      await interakt.event({ userId: 'u', event: 'OrderCreated', traits: { orderNumber: 'CUS001' } });

      expect(debug.mock.calls).toEqual([['event "OrderCreated" (traits: orderNumber): sent']]);
    });

    it('seed: debug | False (default)', async () => {
      const debug = jest.spyOn(Logger.prototype, 'debug').mockImplementation(() => {});
      const interakt = await start({ syncMode: true });

      await interakt.event({ userId: 'u', event: 'OrderCreated' });

      expect(debug).not.toHaveBeenCalled();
    });

    it('seed: timeout | timeout for track API calls', async () => {
      const interakt = await start({ syncMode: true, timeout: 50 });
      server.answer({ fault: 'silence' });

      await expect(interakt.user({ userId: 'u' })).rejects.toMatchObject({
        code: 'REMOTE_UNAVAILABLE',
        reason: 'timeout',
      });
    });

    it('seed: max_retries | 3 (default): number of API retries in case API call fails due to some error', async () => {
      const onError = jest.fn<(error: Error, message: InteraktMessage) => void>();
      const interakt = await start({ onError });
      // The delay before a repeat is random between 0 and more.
      jest.spyOn(Math, 'random').mockReturnValue(0);
      for (let i = 0; i < 5; i++) server.answer({ status: 500, body: '' });

      await interakt.user({ userId: 'u' });
      await interakt.flush();

      expect(server.calls).toHaveLength(4);
      expect(onError).toHaveBeenCalledTimes(1);
    });

    it('seed: max_queue_size | max Queue size', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      const interakt = await start({ maxQueueSize: 2 });

      const receipts = await Promise.all(['a', 'b', 'c'].map((userId) => interakt.user({ userId })));
      await interakt.flush();

      expect(receipts.map(({ status }) => status)).toEqual(['queued', 'queued', 'refused']);
      expect(server.calls.map(({ body }) => body.userId)).toEqual(['a', 'b']);
      expect(error.mock.calls).toEqual([['a message to interakt was refused: 2 wait (maxQueueSize)']]);
    });

    it('seed: on_error(error, queue_msg) is called whenever an error occurs in asynchronous mode', async () => {
      const onError = jest.fn<(error: Error, message: InteraktMessage) => void>();
      const interakt = await start({ onError, maxRetries: 0 });
      server.answer({ status: 503, json: {} }, { status: 400, json: { result: false, message: 'bad' } });

      await interakt.user({ userId: 'u', traits: { name: 'J' } });
      await interakt.flush();
      await interakt.event({ userId: 'u', event: 'OrderExecuted' });
      await interakt.flush();

      expect(onError.mock.calls).toEqual([
        [expect.any(RemoteUnavailableError), { operation: 'user', body: expect.anything() }],
        [expect.any(InteraktError), { operation: 'event', body: expect.anything() }],
      ]);
    });
  });

  describe('user', () => {
    it('seed: track.user(user_id, country_code="+91", phone_number="9999999999", traits={name, email, age, dob})', async () => {
      const interakt = await start();

      await interakt.user({
        userId: '<user_id in your db>',
        countryCode: '+91',
        phoneNumber: '9999999999',
        traits: { name: 'John Doe', email: 'john@email.com', age: 24, dob: '1998-01-01' },
      });
      await interakt.flush();

      expect(server.lastCall).toEqual({
        path: USERS,
        body: {
          traits: { name: 'John Doe', email: 'john@email.com', age: 24, dob: '1998-01-01' },
          userId: '<user_id in your db>',
          countryCode: '+91',
          phoneNumber: '9999999999',
        },
      });
    });

    it.each([
      ['to update attributes: traits={"dob": "1997-12-01"}', { dob: '1997-12-01' }],
      ['to add a new attribute: traits={"Pin code": "400001"}', { 'Pin code': '400001' }],
    ])('seed: %s', async (_, traits) => {
      const interakt = await start({ syncMode: true });

      await interakt.user({ userId: 'u', countryCode: '+91', phoneNumber: '9999999999', traits });

      expect(server.lastCall?.body.traits).toEqual(traits);
    });

    it('seed: attributes can be of the data types String, Numbers, Boolean, Datetime, List', async () => {
      const interakt = await start({ syncMode: true });

      await interakt.user({
        userId: 'u',
        traits: {
          string: 's',
          number: 1.5,
          boolean: false,
          datetime: new Date(0),
          list: ['a', 1, true, new Date(1)],
        },
      });

      expect(server.lastCall?.body.traits).toEqual({
        string: 's',
        number: 1.5,
        boolean: false,
        datetime: '1970-01-01T00:00:00.000Z',
        list: ['a', 1, true, '1970-01-01T00:00:00.001Z'],
      });
    });

    it.each<[string, object, object]>([
      ['user_id | String | Optional', { userId: 'u' }, { traits: {}, userId: 'u' }],
      [
        'phone_number | String | Mandatory (without a user_id)',
        { phoneNumber: '9999999999' },
        { traits: {}, countryCode: '+91', phoneNumber: '9999999999' },
      ],
      [
        'country_code | the default value is "+91"',
        { phoneNumber: '7911123456', countryCode: '+44' },
        { traits: {}, countryCode: '+44', phoneNumber: '7911123456' },
      ],
      ['traits | Object | Optional', { userId: 'u', traits: { a: 1 } }, { traits: { a: 1 }, userId: 'u' }],
      [
        'created_at | Date | Optional, in ISO-8601 format (which the original client could not send)',
        { userId: 'u', createdAt: new Date(Date.UTC(2020, 10, 1)) },
        { traits: {}, userId: 'u', createdAt: '2020-11-01T00:00:00.000Z' },
      ],
    ])('seed: user: %s', async (_, user, body) => {
      const interakt = await start({ syncMode: true });

      await interakt.user(user);

      expect(server.lastCall).toEqual({ path: USERS, body });
    });

    it('seed: specifying either the user Id or phoneNumber (with countryCode) is mandatory', async () => {
      const interakt = await start();

      await expect(interakt.user({ traits: { name: 'J' } })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        problems: [{ path: 'userId', got: 'missing' }],
      });
    });

    it('seed: call the User Track API without specifying a "userId" (and only specifying the "phoneNumber" & "countryCode")', async () => {
      const interakt = await start({ syncMode: true });

      await interakt.user({ phoneNumber: '9999999999', countryCode: '+91', traits: { name: 'John Doe' } });

      expect(server.lastCall).toEqual({
        path: USERS,
        body: { traits: { name: 'John Doe' }, countryCode: '+91', phoneNumber: '9999999999' },
      });
    });

    it('seed: include a userId in the API call, which will then get added for that user, and use it in future API calls', async () => {
      const interakt = await start({ syncMode: true });

      await interakt.user({ userId: 'u', phoneNumber: '9999999999' });
      await interakt.event({ userId: 'u', event: 'OrderCreated' });

      expect(server.calls).toEqual([
        { path: USERS, body: { traits: {}, userId: 'u', countryCode: '+91', phoneNumber: '9999999999' } },
        { path: EVENTS, body: { event: 'OrderCreated', traits: {}, userId: 'u' } },
      ]);
    });

    it('seed: make sure the userId does not belong to an already existing user, else the API will throw an error', async () => {
      const interakt = await start({ syncMode: true });
      const message = 'userId belongs to another user';
      server.answer({ status: 400, json: { result: false, message } });

      await expect(interakt.user({ userId: 'u', phoneNumber: '9999999999' })).rejects.toMatchObject({
        code: 'INTERAKT_REFUSAL',
        remoteMessage: message,
      });
    });
  });

  describe('event', () => {
    it('seed: track.event(user_id, event="Order Placed", traits={…}, country_code="+91", phone_number="9999999999")', async () => {
      const interakt = await start();
      const traits = {
        orderCreatedBy: 'Gavin Roberts',
        orderCreatedDate: '2020-11-01T012:10:26.122Z',
        orderNumber: 'CUS001',
        orderValue: '50.00',
      };

      await interakt.event({
        userId: '<user id in your db>',
        event: 'Order Placed',
        traits,
        countryCode: '+91',
        phoneNumber: '9999999999',
      });
      await interakt.flush();

      expect(server.lastCall).toEqual({
        path: EVENTS,
        body: {
          event: 'Order Placed',
          traits,
          userId: '<user id in your db>',
          countryCode: '+91',
          phoneNumber: '9999999999',
        },
      });
    });

    it.each<[string, object, object]>([
      ['user_id | String | Optional', { userId: 'u' }, { traits: {}, userId: 'u' }],
      ['traits | Object | Optional', { userId: 'u', traits: { a: 1 } }, { traits: { a: 1 }, userId: 'u' }],
      [
        'created_at | Date | Optional, in ISO-8601 format (which the original client could not send)',
        { userId: 'u', createdAt: '2020-11-01T10:26:00+05:30' },
        { traits: {}, userId: 'u', createdAt: '2020-11-01T10:26:00+05:30' },
      ],
      [
        'phone_number | String: in case userId does not exist for a user',
        { phoneNumber: '9999999999' },
        { traits: {}, countryCode: '+91', phoneNumber: '9999999999' },
      ],
      [
        'country_code | the default value is "+91"',
        { phoneNumber: '7911123456', countryCode: '+1' },
        { traits: {}, countryCode: '+1', phoneNumber: '7911123456' },
      ],
    ])('seed: event: %s', async (_, event, body) => {
      const interakt = await start({ syncMode: true });

      await interakt.event({ ...event, event: 'OrderCreated' });

      expect(server.lastCall).toEqual({ path: EVENTS, body: { event: 'OrderCreated', ...body } });
    });

    it('seed: event | String (said to be optional; the original client demands it)', async () => {
      const interakt = await start();

      await expect(interakt.event({ userId: 'u', event: '' })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        problems: [{ path: 'event', allowed: 'a text that is not empty' }],
      });
    });
  });
});
