import type { AccountLink } from '../accounts/account-links.js';
import type { RecordedEvent } from '../events/event.js';
import type { Friend } from '../friends/friends.js';
import type { GiftContent } from '../gifts/gifts.js';
import type { Notification } from '../notifications/notifications.js';
import type { Page, PageRequest } from '../page.js';
import type { PaymentAmount } from '../payments/payments.js';
import type { Entry } from '../wallets/wallets.js';

/** Texts that whoever configured a mechanic keeps with it, such as the URL of a picture. */
export type MetaInfo = Readonly<Record<string, string>>;

/** What a player has of a rating. */
export interface PlayerRating {
  readonly userId: string;
  readonly ratingId: string;
  readonly name: string;
  readonly value: number;
  /** The place on the leaderboard, 1 for the first. */
  readonly position: number;
  readonly metaInfo: MetaInfo;
  /** The name of the level, where the engine keeps the rating and a level is reached. */
  readonly level?: string;
  /** The board, such as `all` or `2026-W48`, where the engine keeps the rating. */
  readonly period?: string;
}

/** A step of a challenge that a player has passed. */
export interface PassedStep {
  readonly challengeStepId: string;
  readonly order: number;
  readonly weight: number;
  readonly dateComplete: Date;
}

/** How far a player is with a challenge. */
export interface PlayerChallenge {
  readonly userId: string;
  readonly challengeId: string;
  readonly name: string;
  /** The weight of the passed steps. */
  readonly progress: number;
  readonly passedSteps: readonly PassedStep[];
  readonly metaInfo: MetaInfo;
  /** Whether all steps are passed, where the engine keeps the challenge. */
  readonly completed?: boolean;
}

/** A badge that a player has earned. */
export interface PlayerBadge {
  readonly userId: string;
  readonly badgeId: string;
  readonly name: string;
  readonly description: string;
  /** Whether it stays when what it was given for is no longer so. */
  readonly permanent: boolean;
  /** How often it was earned. */
  readonly count: number;
  readonly acquisitionDate: Date;
  readonly metaInfo: MetaInfo;
}

/** A feature that a player has access to. */
export interface PlayerFeature {
  readonly userId: string;
  readonly featureId: string;
  readonly name: string;
  readonly description: string;
  /** Since when. */
  readonly accessDate: Date;
  readonly metaInfo: MetaInfo;
}

/** Days or weeks in a row. */
export interface PlayerStreak {
  readonly userId: string;
  readonly streakId: string;
  readonly name: string;
  /** Up to today, or yesterday while today can still become active. */
  readonly length: number;
  readonly longest: number;
  /** Freezes that are left. */
  readonly freezes: number;
  /** The active ones of the last 35 days, as dates (`2026-11-26`); of weeks, the Mondays of the last 35. */
  readonly recent: readonly string[];
  readonly metaInfo: MetaInfo;
}

/** What a player has of a resource. */
export interface PlayerBalance {
  readonly userId: string;
  readonly resourceKey: string;
  readonly amount: number;
}

/** All that a user's events gave them. A user without events has a player without anything. */
export interface Player {
  readonly userId: string;
  readonly ratings: readonly PlayerRating[];
  readonly challenges: readonly PlayerChallenge[];
  readonly badges: readonly PlayerBadge[];
  readonly features: readonly PlayerFeature[];
  readonly balances: readonly PlayerBalance[];
  readonly streaks: readonly PlayerStreak[];
}

/** A part of all that is kept about a user. */
export type ExportedRecord =
  | { readonly kind: 'player'; readonly traits: Readonly<Record<string, unknown>>; readonly player: Player }
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'notification'; readonly notification: Notification }
  | { readonly kind: 'friend'; readonly relation: 'friends' | 'received' | 'sent'; readonly friend: Friend }
  | {
      readonly kind: 'gift-request';
      readonly id: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly gift?: GiftContent;
      readonly createdAt: Date;
      readonly expiresAt: Date;
    }
  | {
      readonly kind: 'payment';
      readonly id: string;
      readonly status: string;
      readonly amount: PaymentAmount;
      readonly description?: string;
      readonly createdAt: Date;
    }
  | {
      readonly kind: 'product';
      readonly product: string;
      /** The one of the user's characters whose it is; absent where it is the user's own. */
      readonly character?: string;
      readonly bought: number;
      readonly count: number;
    }
  | { readonly kind: 'account'; readonly account: AccountLink };

/**
 * What users have achieved.
 *
 * The class is its own injection token: `constructor(private readonly players: Players) {}`.
 */
export abstract class Players {
  /** A user's player. @throws InvalidQueryError when the user id cannot be one */
  abstract get(userId: string): Promise<Player>;

  /** All players, by user id. @throws InvalidQueryError */
  abstract list(request?: PageRequest): Promise<Page<Player>>;

  /** The badges of a user. @throws InvalidQueryError when the user id cannot be one */
  abstract badges(userId: string): Promise<readonly PlayerBadge[]>;

  /** What a user told about themselves, by `identify`. @throws InvalidQueryError when the user id cannot be one */
  abstract traits(userId: string): Promise<Readonly<Record<string, unknown>>>;

  /** Whether a feature is open to a user. @throws InvalidQueryError when the user id cannot be one */
  async hasFeature(userId: string, featureId: string): Promise<boolean> {
    return (await this.get(userId)).features.some((feature) => feature.featureId === featureId);
  }

  /**
   * All that is kept about a user, record by record, for whoever has a right to see it. Nothing of it is a secret.
   *
   * @throws InvalidQueryError when the user id cannot be one
   */
  abstract export(userId: string): AsyncGenerator<ExportedRecord, void, undefined>;

  /**
   * Forgets a user: events, what they gave, wallets, notifications, friends, gifts, payments, products and linked accounts. Transfers to others stay in their
   * wallets. What was delivered to remote systems has to be erased there.
   *
   * @returns whether there was anything
   * @throws InvalidQueryError when the user id cannot be one
   */
  abstract erase(userId: string): Promise<boolean>;
}
