import type { GiftContent } from './gifts.js';

/** What is to be kept of a request. */
export interface GiftRequestToKeep {
  readonly id: string;
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly gift: GiftContent | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A row of `gamification_gift_requests`. */
export interface GiftRequestRow {
  readonly id: string;
  readonly user_id: string;
  readonly attributes: string;
  readonly resource: string | null;
  readonly amount: number | string | null;
  readonly item_name: string | null;
  readonly created_at: number | string;
  readonly expires_at: number | string;
}

export function toColumns(request: GiftRequestToKeep): readonly (string | number | null)[] {
  const { id, userId, attributes, gift, createdAt, expiresAt } = request;
  const [resource, amount, item] =
    gift === undefined
      ? [null, null, null]
      : 'item' in gift
        ? [null, null, gift.item]
        : [gift.resource, gift.amount, null];
  return [id, userId, JSON.stringify(attributes), resource, amount, item, createdAt, expiresAt];
}

export function fromRow(row: GiftRequestRow): GiftRequestToKeep {
  return {
    id: row.id,
    userId: row.user_id,
    attributes: JSON.parse(row.attributes),
    gift: giftOf(row),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
  };
}

function giftOf({ resource, amount, item_name: item }: GiftRequestRow): GiftContent | undefined {
  if (item !== null) return { item };
  return resource === null ? undefined : { resource, amount: Number(amount) };
}
