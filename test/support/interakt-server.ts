import { type Answer, LoopbackServer, type ReceivedRequest } from './loopback-server.js';

/** The key of the server's one account, and what its dashboard shows for it. */
export const INTERAKT_KEY = 'k3y-of-the-account';
export const INTERAKT_SECRET_KEY = Buffer.from(`${INTERAKT_KEY}:`).toString('base64');

/** A message as the server got it. */
export interface InteraktCall {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that behaves as Interakt is known to. */
export class InteraktServer {
  private events = 0;

  private constructor(readonly http: LoopbackServer) {
    http.handle((request) => this.handle(request));
  }

  static async start(): Promise<InteraktServer> {
    return new InteraktServer(await LoopbackServer.start());
  }

  get url(): string {
    return this.http.url;
  }

  /** All messages so far, the latest last. */
  get calls(): InteraktCall[] {
    return this.http.requests.map(({ path, body }) => ({ path, body: JSON.parse(body) }));
  }

  /** The latest message. */
  get lastCall(): InteraktCall | undefined {
    return this.calls.at(-1);
  }

  /** Scripts the answers of the next messages; behind them, the server answers by itself again. */
  answer(...answers: readonly Answer[]): void {
    this.http.answer(...answers);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private handle({ method, path, headers, body }: ReceivedRequest): Answer {
    const isUser = path === '/v1/public/track/users/';
    if (method !== 'POST' || !(isUser || path === '/v1/public/track/events/')) {
      return { status: 404, body: '<h1>Not Found</h1>', headers: { 'content-type': 'text/html' } };
    }
    if (headers.authorization !== `Basic ${INTERAKT_SECRET_KEY}`) return refusal(401, 'Invalid API key');
    const message: Record<string, unknown> = JSON.parse(body);
    if (headers['content-type'] !== 'application/json' || typeof message.traits !== 'object') {
      return refusal(400, 'traits must be an object');
    }
    if (!message.userId && !message.phoneNumber && !message.fullPhoneNumber) {
      return refusal(400, 'Either userId or phoneNumber is required');
    }
    if (isUser) return { json: { result: true, message: 'Customer created/updated successfully' } };
    if (!message.event) return refusal(400, 'event is required');
    this.events += 1;
    return {
      status: 202,
      json: { result: true, message: 'Event has been recorded', id: `event-${this.events}` },
    };
  }
}

function refusal(status: number, message: string): Answer {
  return { status, json: { result: false, message } };
}
