import type { ClassConstructor } from 'class-transformer';
import { decode, encode } from '../../http/decode.js';
import type { HttpTransport, RemoteRequest, RemoteResponse } from '../../http/http-transport.js';
import { path } from '../../http/path.js';
import { InvalidRemoteResponseError } from '../../http/remote.errors.js';
import { playblazerError } from './playblazer.errors.js';
import type { PlayblazerOptions } from './playblazer.options.js';
import {
  Answer,
  ErrorAnswer,
  type GiftRequestAnswer,
  isError,
  isSuccess,
  ListAnswer,
  type ProfileAnswer,
  RequestAnswer,
} from './playblazer-answers.js';
import { NewPlayblazerGiftRequest, PlayblazerGiftQuery, PlayblazerGiftReply } from './playblazer-inputs.js';

/** Requests that `iterateGiftRequests` asks for at a time, unless told. */
const DEFAULT_PAGE_SIZE = 100;

/** A user's profile at Playblazer, as far as it is set. */
export interface PlayblazerProfile {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly language?: string | undefined;
  readonly fbid?: string | undefined;
  readonly twitterid?: string | undefined;
  readonly googleid?: string | undefined;
  readonly deviceid?: string | undefined;
  readonly email?: string | undefined;
  readonly username?: string | undefined;
}

/** A request for a gift that a user has received from a friend. */
export interface PlayblazerGiftRequest {
  readonly id: string;
  /** The custom attributes that the application passed along. */
  readonly extra: Readonly<Record<string, string>>;
  /** From when on it can no longer be replied to. Expired requests are listed all the same. */
  readonly expiresAt: Date;
  /** Who asks. */
  readonly user: PlayblazerProfile;
}

/** An answer of {@link PlayblazerService.listGiftRequests}. */
export interface PlayblazerGiftList {
  /** As the server gives it; Playblazer does not say whether it counts these requests or all there are. */
  readonly count: number;
  readonly requests: readonly PlayblazerGiftRequest[];
}

/**
 * The client of Playblazer's module Gifts. `Gifts`, which it serves, is the same without Playblazer's own words, and
 * with the application's hooks around it; a call of this class runs no hooks.
 *
 * Every call throws, next to what it names itself:
 * - InvalidRequestError when an argument is not as it must be, and then nothing was sent;
 * - PlayblazerError, or one of its classes, when Playblazer answers an error, whatever the HTTP status;
 * - RemoteUnavailableError, RemoteRefusalError or InvalidRemoteResponseError when there is no answer of Playblazer.
 */
export class PlayblazerService {
  /** Not for applications: they inject the service. */
  constructor(
    private readonly transport: HttpTransport,
    private readonly options: Pick<PlayblazerOptions, 'appId' | 'secretKey' | 'mode'>,
  ) {}

  /**
   * Asks all friends of a user who play for a gift. It is not repeated when its answer is lost, because it would then be
   * asked twice.
   *
   * @returns the request's id
   * @throws PlayblazerNoProfileError, PlayblazerGiftRequestFailedError
   */
  async requestGift(request: NewPlayblazerGiftRequest): Promise<string> {
    const operation = 'requestGift';
    const input = encode(NewPlayblazerGiftRequest, request, 'playblazer', operation);
    const { userId, mode = this.options.mode, expiresIn, attributes } = input;
    const { request_id } = await this.call(RequestAnswer, {
      operation,
      method: 'POST',
      path: path`app/${this.options.appId}/gifts/${mode}/${userId}/request/new`,
      body: {
        form: {
          ...this.common,
          ...(expiresIn === undefined ? {} : { expiry: String(expiresIn) }),
          ...customOf(attributes),
        },
      },
    });
    return request_id;
  }

  /** The requests that a user has received from friends, expired ones included. @throws PlayblazerNoProfileError */
  async listGiftRequests(query: PlayblazerGiftQuery): Promise<PlayblazerGiftList> {
    const operation = 'listGiftRequests';
    const input = encode(PlayblazerGiftQuery, query, 'playblazer', operation);
    const { userId, mode = this.options.mode, start, limit, sort } = input;
    const { count, requests } = await this.call(ListAnswer, {
      operation,
      method: 'GET',
      path: path`app/${this.options.appId}/gifts/${mode}/${userId}/list`,
      query: { ...this.common, start, limit, sort },
    });
    return { count, requests: requests.map(toRequest) };
  }

  /**
   * The same requests one after the other, asked for page by page while they are read. A page begins at an index: a
   * request that comes or goes meanwhile may make another appear twice or not at all.
   *
   * @param query its `pageSize` is how many requests each call asks for, 100 unless told
   */
  async *iterateGiftRequests({
    pageSize = DEFAULT_PAGE_SIZE,
    start: first = 0,
    ...query
  }: Omit<PlayblazerGiftQuery, 'limit'> & { readonly pageSize?: number }): AsyncGenerator<
    PlayblazerGiftRequest,
    void,
    undefined
  > {
    let start = first;
    for (;;) {
      const { count, requests } = await this.listGiftRequests({ ...query, start, limit: pageSize });
      yield* requests;
      start += requests.length;
      // A server may give fewer than it was asked for, and count all there are.
      if (requests.length === 0 || (requests.length < pageSize && count <= start)) return;
    }
  }

  /**
   * Accepts or denies a request. It is not repeated when its answer is lost, because Playblazer does not say what a
   * second reply does.
   *
   * @throws PlayblazerInvalidGiftRequestError, PlayblazerGiftRequestExpiredError, PlayblazerNoProfileError
   */
  async replyToGiftRequest(reply: PlayblazerGiftReply): Promise<void> {
    const operation = 'replyToGiftRequest';
    const input = encode(PlayblazerGiftReply, reply, 'playblazer', operation);
    const { userId, mode = this.options.mode, requestId, response, attributes } = input;
    await this.call(Answer, {
      operation,
      method: 'POST',
      path: path`app/${this.options.appId}/gifts/${mode}/${userId}/request/reply`,
      body: {
        form: {
          ...this.common,
          request_id: requestId,
          ...(response === undefined ? {} : { resp: response }),
          ...customOf(attributes),
        },
      },
    });
  }

  /** What goes along with every call. JSON is asked for because an installation's own default may be XML. */
  private get common() {
    return { secret_key: this.options.secretKey, fmt: 'json' };
  }

  /** Whether a call succeeded is what the body's `status` says, because the HTTP status of an error is stated nowhere. */
  private async call<T extends Answer>(type: ClassConstructor<T>, request: RemoteRequest): Promise<T> {
    const response = await this.transport.send({ ...request, isAnswer });
    if (isError(response.body)) throw playblazerError(response, decode(ErrorAnswer, response).error);
    if (isSuccess(response.body)) return decode(type, response);
    const rule = '`status: "ok"` nor `status: "error"` with an `error`';
    throw new InvalidRemoteResponseError(response, `the answer has neither ${rule}`);
  }
}

function isAnswer({ status, body }: RemoteResponse): boolean {
  return isSuccess(body) || isError(body) || (status >= 200 && status < 300);
}

/** Custom attributes as they are sent. */
function customOf(attributes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`custom:${name}`, text]));
}

function toRequest({ id, extra, expiry_time, user }: GiftRequestAnswer): PlayblazerGiftRequest {
  return {
    id,
    extra: extra ?? {},
    expiresAt: new Date(expiry_time.timestamp * 1_000),
    user: toProfile(user ?? {}),
  };
}

function toProfile({ first_name, last_name, lang, ...ids }: ProfileAnswer): PlayblazerProfile {
  const profile = { firstName: first_name, lastName: last_name, language: lang, ...ids };
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => typeof value === 'string'));
}
