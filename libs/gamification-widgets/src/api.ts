import type {
  Catalog,
  Entry,
  GiftRequest,
  Notification,
  Page,
  Place,
  Player,
  WalletTotal,
} from 'nestjs-gamification';

/** What comes of a value on its way as JSON. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Json<T[Key]> }
      : T;

/** The answer was no answer that can be shown. */
export class ApiError extends Error {
  /** @param status the HTTP status; nothing where there was no answer */
  constructor(readonly status: number | undefined) {
    super(status === undefined ? 'no answer' : `HTTP ${status}`);
  }
}

/** How long to wait for an answer, in milliseconds. */
const TIMEOUT = 15_000;

/** Answers that are on their way: widgets that ask for the same at the same time share them. */
const underWay = new Map<string, Promise<unknown>>();

/** The application's `GamificationController`, as the user who looks at the page. */
export class Api {
  /** @param base where the controller is mounted, such as `/gamification` */
  constructor(readonly base: string) {}

  me(): Promise<Json<Player>> {
    return this.get('me');
  }

  catalog(): Promise<Json<Catalog>> {
    return this.get('catalog');
  }

  leaderboard(ratingId: string, of: string, period: string): Promise<readonly Json<Place>[]> {
    const query = new URLSearchParams({ of, ...(period ? { period } : {}) });
    return this.get(`leaderboards/${encodeURIComponent(ratingId)}?${query}`);
  }

  wallet(): Promise<readonly Json<WalletTotal>[]> {
    return this.get('wallet');
  }

  entries(after?: string): Promise<Json<Page<Entry>>> {
    return this.get(`wallet/entries${afterOf(after)}`);
  }

  gifts(after?: string): Promise<Json<Page<GiftRequest>>> {
    return this.get(`gifts${afterOf(after)}`);
  }

  async reply(requestId: string, response: 'accept' | 'deny'): Promise<void> {
    await this.post(`gifts/${encodeURIComponent(requestId)}/reply`, { response });
  }

  notifications(after?: string): Promise<Json<Page<Notification>>> {
    return this.get(`notifications${afterOf(after)}`);
  }

  async markRead(): Promise<void> {
    await this.post('notifications/read', {});
  }

  /** Where notifications come from as they happen. */
  get streamUrl(): string {
    return this.urlOf('notifications/stream');
  }

  private get<T>(path: string): Promise<T> {
    const url = this.urlOf(path);
    const known = underWay.get(url);
    // What comes from a path is what that path answers.
    if (known) return known as Promise<T>;
    const answer = this.fetch(path, { headers: { accept: 'application/json' } })
      .then((response): Promise<T> => response.json())
      .finally(() => underWay.delete(url));
    underWay.set(url, answer);
    return answer;
  }

  private post(path: string, body: object): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.urlOf(path), {
        ...init,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new ApiError(undefined);
    }
    if (!response.ok) throw new ApiError(response.status);
    return response;
  }

  private urlOf(path: string): string {
    return `${this.base.replace(/\/$/, '')}/${path}`;
  }
}

function afterOf(after: string | undefined): string {
  return after === undefined ? '' : `?${new URLSearchParams({ after })}`;
}
