import { type Answer, LoopbackServer, type ReceivedRequest } from './loopback-server.js';

/** The key that may do everything. */
export const GMFY_KEY = 'gmfy-key-of-the-tests';
/** The key that may only read. */
export const GMFY_READ_ONLY_KEY = 'gmfy-read-only-key';

const CLIENT_ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const DATE = '2024-08-19T13:03:31.653Z';
const META_INFO = { additionalProp1: 'string' };

/** An event as the server got it. */
export type GmfyReceivedEvent = Readonly<Record<string, unknown>>;

/** Those users that the server knows, by their ids. */
const USERS: readonly string[] = ['u1', 'u2', 'u3', 'a b/c?d'];

/** Answers as GMFY does, as far as its clients and its documentation tell. */
export class GmfyServer {
  /** The events so far, the latest last, of single calls and of batches. */
  readonly events: GmfyReceivedEvent[] = [];
  /** All notifications; a test may replace them. */
  notifications: readonly { userId: string; message: string; read: boolean }[] = [
    { userId: 'u1', message: 'You are first!', read: true },
    { userId: 'u2', message: 'A badge for you', read: false },
    { userId: 'u1', message: 'A feature for you', read: false },
  ];

  private readonly payments = new Map<string, Record<string, unknown>>();

  private constructor(readonly http: LoopbackServer) {
    http.handle((request) => this.answerTo(request));
  }

  static async start(): Promise<GmfyServer> {
    return new GmfyServer(await LoopbackServer.start());
  }

  get url(): string {
    return this.http.url;
  }

  /** Request lines so far, such as `GET /v1/users/`. */
  get lines(): readonly string[] {
    return this.http.requests.map(({ method, path }) => `${method} ${path}`);
  }

  get lastRequest(): ReceivedRequest {
    return this.http.lastRequest;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private answerTo(request: ReceivedRequest): Answer {
    const key = request.headers['x-api-key'];
    if (key !== GMFY_KEY && key !== GMFY_READ_ONLY_KEY)
      return { status: 401, json: { message: 'wrong key' } };
    if (request.method === 'POST' && key !== GMFY_KEY) return { status: 403, json: { message: 'read only' } };
    const { pathname, searchParams } = new URL(request.path, this.url);
    const segments = pathname.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent);
    const [version, ...rest] = segments;
    if (version !== 'v1') return NOT_FOUND;
    if (request.method === 'POST') return this.post(rest, request, searchParams);
    return this.get(rest, searchParams);
  }

  private post(
    [resource, ...rest]: readonly string[],
    { body }: ReceivedRequest,
    query: URLSearchParams,
  ): Answer {
    if (resource === 'events') return this.take([JSON.parse(body)].flat());
    if (resource === 'payments') return this.pay(rest, body, query);
    if (resource !== 'resources' || rest[0] !== 'transfer') return NOT_FOUND;
    const {
      resourceKey: key,
      amount,
      receiverUserId: toUserId,
      senderUserId: fromUserId = 'bank',
      comment,
    } = JSON.parse(body);
    const transaction = { transferInTransactionId: CLIENT_ID, transferOutTransactionId: CLIENT_ID };
    return {
      json: {
        ...transaction,
        clientId: CLIENT_ID,
        key,
        amount,
        fromUserId,
        toUserId,
        dateTime: DATE,
        comment,
      },
    };
  }

  private take(events: readonly GmfyReceivedEvent[]): Answer {
    if (!events.every(({ userId, type }) => typeof userId === 'string' && typeof type === 'string')) {
      return { status: 400, json: { message: 'userId and type are required' } };
    }
    this.events.push(...events);
    return { status: 201 };
  }

  private pay([id, ...steps]: readonly string[], body: string, query: URLSearchParams): Answer {
    if (id === undefined) {
      const { amount, confirmation, description, locale } = JSON.parse(body);
      const created = { id: `payment-${this.payments.size + 1}`, clientId: CLIENT_ID, status: 'CREATED' };
      const detail = {
        ...amount,
        ...confirmation,
        description: description ?? undefined,
        locale,
        expiresIn: 300,
      };
      this.payments.set(created.id, { ...created, ...detail });
      return { json: { ...created, confirmationUrl: `https://gmfy.example/${created.id}` } };
    }
    const payment = this.payments.get(id);
    if (!payment) return NOT_FOUND;
    const step = steps.filter((part) => part !== 'noauth').join('/');
    if (step === 'resend-code') return { json: payment };
    if (payment.status !== 'CREATED') return { status: 409, json: { message: 'the payment is not open' } };
    if (step === 'confirm' && query.get('code') !== '1234')
      return { status: 400, json: { message: 'wrong code' } };
    payment.status = step === 'confirm' ? 'CONFIRMED' : 'CANCELLED';
    return { status: 200 };
  }

  private get([resource, id, ...rest]: readonly string[], query: URLSearchParams): Answer {
    const limit = Number(query.get('limit'));
    switch (resource) {
      case 'users':
        if (id === undefined) return { json: USERS.map(userContext) };
        return USERS.includes(id) ? { json: userContext(id) } : NOT_FOUND;
      case 'badges':
        return { json: USERS.includes(id ?? '') ? [badge(id ?? '')] : [] };
      case 'ratings': {
        if (id !== 'R') return NOT_FOUND;
        const ratings = USERS.map((userId, index) => rating(userId, index + 1));
        if (query.get('sort') === 'DESC') ratings.reverse();
        const offset = Number(query.get('offset'));
        return { json: ratings.slice(offset, offset + limit) };
      }
      case 'challenges':
        return id === 'C' ? { json: USERS.map(challenge).slice(0, limit) } : NOT_FOUND;
      case 'notifications': {
        const isUnread = id === 'unread';
        const userId = isUnread ? rest[0] : id;
        const wanted = this.notifications
          .filter((notification) => userId === undefined || notification.userId === userId)
          .filter(({ read }) => !isUnread || !read);
        return { json: wanted.map(({ userId, message }) => ({ userId, clientId: CLIENT_ID, message })) };
      }
      case 'payments': {
        const payment = this.payments.get(id ?? '');
        return payment ? { json: payment } : NOT_FOUND;
      }
      case 'resources':
        return { json: { keys: ['coins', 'gems'] } };
      case 'version':
        return { json: { version: '1.0', deploymentDate: '2024-07-22T17:28:03.876Z' } };
      default:
        return NOT_FOUND;
    }
  }
}

const NOT_FOUND: Answer = { status: 404, json: { message: 'not found' } };

function userContext(userId: string) {
  return {
    userId,
    clientId: CLIENT_ID,
    userRatings: [rating(userId, 1)],
    userChallenges: [challenge(userId)],
    userBadges: [badge(userId)],
    userFeatures: [
      {
        userId,
        featureId: 'F',
        clientId: CLIENT_ID,
        accessDate: DATE,
        metaInfo: META_INFO,
        name: 'Dark mode',
        description: 'Easy on the eyes',
      },
    ],
    userAccountBalances: [{ userId, clientId: CLIENT_ID, resourceKey: 'coins', amount: 7.5 }],
  };
}

function rating(userId: string, position: number) {
  const value = 100 - position;
  return {
    userId,
    clientId: CLIENT_ID,
    ratingId: 'R',
    name: 'Experience',
    value,
    metaInfo: META_INFO,
    position,
  };
}

function challenge(userId: string) {
  return {
    userId,
    challengeId: 'C',
    clientId: CLIENT_ID,
    progress: 2.5,
    passedSteps: [{ challengeStepId: 'S', order: 1, weight: 2.5, dateComplete: DATE }],
    metaInfo: META_INFO,
    name: 'Onboarding',
  };
}

function badge(userId: string) {
  return {
    userId,
    badgeId: 'B',
    clientId: CLIENT_ID,
    acquisitionDate: DATE,
    metaInfo: META_INFO,
    name: 'Regular',
    description: 'Ten orders',
    permanent: true,
    count: 3,
  };
}
