import type { ClassConstructor } from 'class-transformer';
import type { EventClass, EventDetails, EventType } from '../../events/event-class.js';
import type { TrackArguments } from '../../events/event-tracker.js';
import { decode, decodeList, encode } from '../../http/decode.js';
import type { HttpTransport, RemoteRequest, RemoteResponse } from '../../http/http-transport.js';
import { type Path, path } from '../../http/path.js';
import { InvalidRemoteResponseError, InvalidRequestError } from '../../http/remote.errors.js';
import { inShort, isPlainObject } from '../../validation.js';
import type { GmfyOptions } from './gmfy.options.js';
import {
  GmfyNotification,
  GmfyPaymentCreated,
  GmfyPaymentDetail,
  GmfyResourceKeys,
  GmfyTransfer,
  GmfyUserBadge,
  GmfyUserChallenge,
  GmfyUserContext,
  GmfyUserRating,
  GmfyVersion,
} from './gmfy-answers.js';
import { type GmfyEvent, toWireEvents } from './gmfy-events.js';
import { GmfyChallengeTopQuery, GmfyNewTransfer, GmfyRatingTopQuery, type GmfySort } from './gmfy-inputs.js';
import {
  GmfyPayment,
  type GmfyPaymentData,
  paymentClassOf,
  toWirePayment,
  withUserId,
} from './gmfy-payment.js';
import type { GmfyWireEvent } from './gmfy-wire-event.js';

/** Users that `iterateRatingTopUsers` asks for at a time, unless told. */
const DEFAULT_PAGE_SIZE = 100;

/**
 * The API of GMFY, as its Python SDK 0.0.4 calls it, and the newer calls of its documentation.
 *
 * Besides what a method names, every one of them throws
 * - `InvalidRequestError` when an input is not as it must be; then nothing was sent,
 * - `RemoteUnavailableError` when GMFY could not be used, and may work again later,
 * - `RemoteRefusalError` when GMFY answered with HTTP 3xx or 4xx, such as 401 for a wrong key and 403 for one that can
 *   only read,
 * - `InvalidRemoteResponseError` when the answer is not as documented.
 */
export class GmfyService {
  /** Not for applications: they inject the service. */
  constructor(
    private readonly transport: HttpTransport,
    private readonly options: GmfyOptions,
  ) {}

  /**
   * Tells GMFY of an event, given as an event class and its details, as `EventTracker.track` takes them, or as plain data:
   *
   * ```ts
   * await gmfy.createEvent(Subscription, { userId, action: 'create' });
   * await gmfy.createEvent({ event_type: 'subscription', user_id: userId, event_action: 'create' });
   * ```
   *
   * It is tried again only where it has an idempotence key. `occurredAt` is refused: for GMFY, an event happens when it
   * arrives.
   */
  createEvent<Event extends EventClass>(type: Event, details: EventDetails<Event>): Promise<void>;
  createEvent(event: GmfyEvent): Promise<void>;
  async createEvent(...given: readonly [EventType | GmfyEvent, object?]): Promise<void> {
    const operation = 'createEvent';
    const { sendEventType } = this.options;
    const event = given.length > 1 ? given : given[0];
    const wire = toWireEvents([event], operation, sendEventType, false);
    await this.post(operation, this.at(path`v1/events`), wire[0], areRepeatable(wire));
  }

  /**
   * Tells GMFY of events, each as {@link createEvent} takes it: as `[EventClass, details]` or as plain data. Up to 10,000.
   * One alone, as plain data, is taken for a list of one.
   * One that is wrong keeps all of them from being sent. They are tried again only where all have an idempotence key.
   */
  createBatchEvents<const Events extends readonly EventType[]>(events: TrackArguments<Events>): Promise<void>;
  createBatchEvents(events: GmfyEvent | readonly GmfyEvent[]): Promise<void>;
  async createBatchEvents(given: object): Promise<void> {
    const operation = 'createBatchEvents';
    const events: unknown = isPlainObject(given) ? [given] : given;
    const wire = toWireEvents(events, operation, this.options.sendEventType);
    await this.post(operation, this.at(path`v1/events/batch`), wire, areRepeatable(wire));
  }

  /**
   * Creates a payment, which its user then confirms.
   *
   * @param payment plain data, or an instance of {@link GmfyPayment} or of a class that extends it
   * @param type the class whose rules it is checked by, unless it is an instance already
   */
  async createPayment<Payment extends GmfyPayment = GmfyPayment>(
    payment: GmfyPaymentData<Payment>,
    type: ClassConstructor<Payment> | ClassConstructor<GmfyPayment> = paymentClassOf(payment),
  ): Promise<GmfyPaymentCreated> {
    const operation = 'createPayment';
    const checked = encode<GmfyPayment>(type, withUserId(payment), 'gmfy', operation);
    const response = await this.post(operation, this.at(path`v1/payments`), toWirePayment(checked));
    return decode(GmfyPaymentCreated, response);
  }

  /** Sends the user of a payment a new code. See the option `noauthResendCode`. */
  async createResendCode(paymentId: string): Promise<GmfyPaymentDetail> {
    const where = this.options.noauthResendCode
      ? path`v1/payments/${paymentId}/noauth/resend-code`
      : this.at(path`v1/payments/${paymentId}/resend-code`);
    return decode(GmfyPaymentDetail, await this.post('createResendCode', where));
  }

  /** A payment as it is now. */
  async getPayment(paymentId: string): Promise<GmfyPaymentDetail> {
    return decode(GmfyPaymentDetail, await this.get('getPayment', this.at(path`v1/payments/${paymentId}`)));
  }

  /**
   * Confirms a payment. In GMFY's newer documentation, not in its Python SDK 0.0.4.
   *
   * @param form what the documentation calls `requestForm`, without saying what is in it; sent in the query, each of its
   *   fields as a parameter. {@link GmfyPayments} sends `{ code }`.
   */
  async confirmPayment(paymentId: string, form: Readonly<Record<string, string>>): Promise<void> {
    const operation = 'confirmPayment';
    if (!isPlainObject(form) || !Object.values(form).every((field) => typeof field === 'string')) {
      throw new InvalidRequestError('gmfy', operation, [
        { path: 'form', got: inShort(form), allowed: 'an object of texts' },
      ]);
    }
    await this.send({
      operation,
      method: 'POST',
      path: path`v1/payments/${paymentId}/noauth/confirm`,
      query: form,
      secrets: Object.values(form),
    });
  }

  /** Takes a payment back. In GMFY's newer documentation, not in its Python SDK 0.0.4. */
  async cancelPayment(paymentId: string): Promise<void> {
    await this.post('cancelPayment', path`v1/payments/${paymentId}/noauth/cancel-payment`);
  }

  /** Transfers a resource to a user. In GMFY's newer documentation, not in its Python SDK 0.0.4. */
  async transferResource(transfer: GmfyNewTransfer): Promise<GmfyTransfer> {
    const operation = 'transferResource';
    const checked = encode(GmfyNewTransfer, transfer, 'gmfy', operation);
    return decode(GmfyTransfer, await this.post(operation, path`v1/resources/transfer`, checked));
  }

  /** The keys of all resources. In GMFY's newer documentation, not in its Python SDK 0.0.4. */
  async getResourceKeys(): Promise<readonly string[]> {
    const response = await this.get('getResourceKeys', path`v1/resources/all/keys`);
    return decode(GmfyResourceKeys, response).keys;
  }

  /** All users. GMFY answers with the whole list at once; the option `maxResponseSize` limits it. */
  async getUsers(): Promise<readonly GmfyUserContext[]> {
    return decodeList(GmfyUserContext, await this.get('getUsers', this.at(path`v1/users`)));
  }

  /**
   * A user, or nothing where GMFY answers with an empty list.
   *
   * @throws RemoteRefusalError with status 404 when GMFY says so of a user that it does not know
   */
  async getUser(userId: string): Promise<GmfyUserContext | undefined> {
    const response = await this.get('getUser', this.at(path`v1/users/${userId}`));
    // GMFY's documentation shows a list for one user, too.
    if (!Array.isArray(response.body)) return decode(GmfyUserContext, response);
    const users = decodeList(GmfyUserContext, response);
    if (users.length > 1) {
      throw new InvalidRemoteResponseError(
        response,
        `the answer is a list of ${users.length}, expected: one user`,
      );
    }
    return users[0];
  }

  /** The badges of a user. */
  async getUserBadges(userId: string): Promise<readonly GmfyUserBadge[]> {
    return decodeList(GmfyUserBadge, await this.get('getUserBadges', this.at(path`v1/badges/${userId}`)));
  }

  /** The users of a rating in the order of their places. */
  async getRatingTopUsers(
    ratingId: string,
    query: Partial<GmfyRatingTopQuery> = {},
  ): Promise<readonly GmfyUserRating[]> {
    const operation = 'getRatingTopUsers';
    const { offset, limit, sort } = encode(GmfyRatingTopQuery, query, 'gmfy', operation);
    const where = this.at(path`v1/ratings/${ratingId}/top`);
    return decodeList(GmfyUserRating, await this.get(operation, where, { offset, limit, sort }));
  }

  /**
   * All users of a rating, asked for page by page while they are read.
   *
   * @param options its `pageSize` is how many users each call asks for, 100 unless told
   */
  async *iterateRatingTopUsers(
    ratingId: string,
    options: { readonly pageSize?: number; readonly sort?: GmfySort } = {},
  ): AsyncGenerator<GmfyUserRating, void, undefined> {
    const { pageSize = DEFAULT_PAGE_SIZE, sort } = options;
    let offset = 0;
    let firstOfPage: string | undefined;
    for (;;) {
      const users = await this.getRatingTopUsers(ratingId, { offset, limit: pageSize, sort });
      // A server that does not know `offset` would answer with its first page for ever.
      if (users[0]?.userId === firstOfPage) return;
      yield* users;
      if (users.length < pageSize) return;
      firstOfPage = users[0]?.userId;
      offset += users.length;
    }
  }

  /** The users who are furthest with a challenge. */
  async getChallengeTopUsers(
    challengeId: string,
    query: Partial<GmfyChallengeTopQuery> = {},
  ): Promise<readonly GmfyUserChallenge[]> {
    const operation = 'getChallengeTopUsers';
    const { limit } = encode(GmfyChallengeTopQuery, query, 'gmfy', operation);
    const where = this.at(path`v1/challenges/${challengeId}/top`);
    return decodeList(GmfyUserChallenge, await this.get(operation, where, { limit }));
  }

  /** All notifications, or those of one user. A user named `unread` cannot be asked for: it is a path of its own. */
  async getNotifications(userId?: string): Promise<readonly GmfyNotification[]> {
    const operation = 'getNotifications';
    if (userId === 'unread') {
      const allowed = 'another user id: GMFY would answer with the unread notifications of all users';
      throw new InvalidRequestError('gmfy', operation, [{ path: 'userId', got: '"unread"', allowed }]);
    }
    const where = userId === undefined ? path`v1/notifications` : path`v1/notifications/${userId}`;
    return decodeList(GmfyNotification, await this.get(operation, this.at(where)));
  }

  /** The notifications that were not read yet: all, or those of one user. */
  async getUnreadNotifications(userId?: string): Promise<readonly GmfyNotification[]> {
    const where =
      userId === undefined ? path`v1/notifications/unread` : path`v1/notifications/unread/${userId}`;
    return decodeList(GmfyNotification, await this.get('getUnreadNotifications', this.at(where)));
  }

  /** The version of GMFY's API and when it was deployed. */
  async getApiVersion(): Promise<GmfyVersion> {
    return decode(GmfyVersion, await this.get('getApiVersion', this.at(path`v1/version`)));
  }

  /**
   * Sends events that are as GMFY takes them. Whoever delivers events repeats them on a schedule of their own.
   *
   * @internal
   */
  async deliver(events: readonly GmfyWireEvent[]): Promise<void> {
    await this.send({
      operation: 'createBatchEvents',
      method: 'POST',
      path: this.at(path`v1/events/batch`),
      body: { json: events },
      ownPauses: true,
    });
  }

  private get(operation: string, where: Path, query: RemoteRequest['query'] = {}): Promise<RemoteResponse> {
    return this.send({ operation, method: 'GET', path: where, query });
  }

  private post(operation: string, where: Path, json?: unknown, repeatable = false): Promise<RemoteResponse> {
    const body = json === undefined ? {} : { body: { json } };
    return this.send({ operation, method: 'POST', path: where, repeatable, ...body });
  }

  /** The type is named with every call, also with those that have no body, as the Python SDK 0.0.4 does. */
  private send(request: Omit<RemoteRequest, 'headers'>): Promise<RemoteResponse> {
    const headers = { 'x-api-key': this.options.apiKey, 'Content-Type': 'application/json' };
    return this.transport.send({ ...request, headers });
  }

  /** A path of the Python SDK, which ends with a slash unless the options say otherwise. */
  private at({ texts, parameters }: Path): Path {
    if (!this.options.trailingSlash) return { texts, parameters };
    return { texts: [...texts.slice(0, -1), `${texts.at(-1)}/`], parameters };
  }
}

function areRepeatable(events: readonly GmfyWireEvent[]): boolean {
  return events.length > 0 && events.every(({ idempotenceKey }) => idempotenceKey !== undefined);
}
