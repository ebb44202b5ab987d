/**
 * The mechanics of an application: what its events are worth. Plain data, as a YAML or JSON file holds it, or as
 * `defineMechanics` makes it. Everything is keyed by its id: a letter, then letters, digits, `_` and `-`, 64 at most.
 */
export interface MechanicsDefinition {
  readonly ratings?: Readonly<Record<string, RatingDefinition>>;
  readonly badges?: Readonly<Record<string, BadgeDefinition>>;
  readonly challenges?: Readonly<Record<string, ChallengeDefinition>>;
  readonly streaks?: Readonly<Record<string, StreakDefinition>>;
  readonly features?: Readonly<Record<string, FeatureDefinition>>;
  readonly resources?: Readonly<Record<string, ResourceDefinition>>;
  /** What users can buy in the engine's `Shop`. */
  readonly products?: Readonly<Record<string, ProductDefinition>>;
  /** Spans of time that boards can be kept for. They may not overlap. */
  readonly seasons?: Readonly<Record<string, SeasonDefinition>>;
  /** Traits of users, told by `identify`, by whose values leaderboards can be asked for. */
  readonly groups?: readonly string[];
}

/** A CEL expression over `event`, `player`, `ratings`, `balances`, `counts` and `streaks`. */
export type ExpressionText = string;

/** A whole number and a unit: `90s`, `15m`, `12h`, `7d`, `2w`. */
export type DurationText = string;

/** A point in time in ISO 8601 with an offset: `2026-12-01T00:00:00Z`. */
export type DateTimeText = string;

/** What all mechanics tell about themselves. */
interface Described {
  /** For people. */
  readonly name: string;
  readonly description?: string;
  /** Texts that are handed out with it, such as the URL of a picture. */
  readonly metaInfo?: Readonly<Record<string, string>>;
}

/** Which events something is about. */
export interface EventMatch {
  /** The type of the events. Of action events, those that create count; what they gave goes when they are removed. */
  readonly on: string;
  /** Of action events, another action than `create`. */
  readonly action?: string;
  /** Only events for which this is true, as everything was before the event. */
  readonly if?: ExpressionText;
}

/** What an event gives. */
export interface RuleDefinition extends EventMatch {
  /** How much: a number, or an expression, computed from what was before the event. Cut to the decimals that are kept. */
  readonly value: number | ExpressionText;
  /** How much or how often in a span of time. */
  readonly limit?: LimitDefinition;
  /** How long the rule rests after an event to which it gave something. */
  readonly cooldown?: DurationText;
}

/** What a rule gives at most. */
export interface LimitDefinition {
  /** To so many events. */
  readonly times?: number;
  /** So much; of the event that passes it, what is left. */
  readonly value?: number;
  /** In each of these, in the player's own time zone; `ever` for once and for all. */
  readonly per: 'hour' | 'day' | 'week' | 'month' | 'season' | 'ever';
}

/** The spans of time that a board is kept for. */
export type PeriodKind = 'all' | 'day' | 'week' | 'month' | 'season';

/** A number per player, ranked on a leaderboard. */
export interface RatingDefinition extends Described {
  readonly rules: readonly RuleDefinition[];
  /** `sum` of what the rules gave (unless told), the `max` or `min` of it, or the `last`. */
  readonly aggregate?: 'sum' | 'max' | 'min' | 'last';
  /** Who is ahead: `higher` values (unless told) or `lower` ones. */
  readonly better?: 'higher' | 'lower';
  /** Decimals that are kept: 0 (unless told) to 6. */
  readonly decimals?: number;
  /** The boards; `all` unless told. The first is the one whose value counts as the rating's. */
  readonly periods?: readonly PeriodKind[];
  /** Levels by threshold, the lowest first. */
  readonly levels?: readonly LevelDefinition[];
  /** Whether a level stays when the value that reached it does not. */
  readonly keepLevel?: boolean;
  readonly messages?: { readonly levelUp?: string; readonly levelDown?: string };
}

/** A level of a rating. */
export interface LevelDefinition {
  readonly name: string;
  /** The value that reaches it; where lower is better, the value at which it is reached from above. */
  readonly from: number;
}

/**
 * When a badge is earned or a feature opens: an expression over what is after the event (without `event`), or one of
 * - `{ on, times }`: so many events,
 * - `{ rating, atLeast }` or `{ rating, atMost }`: a value of a rating,
 * - `{ streak, length }`: a streak that long.
 */
export type ConditionDefinition = ExpressionText | EventCondition | RatingCondition | StreakCondition;

export interface EventCondition extends EventMatch {
  /** How many; 1 unless told. */
  readonly times?: number;
}

export interface RatingCondition {
  readonly rating: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface StreakCondition {
  readonly streak: string;
  readonly length: number;
}

/** Something to show for an achievement. */
export interface BadgeDefinition extends Described {
  readonly when: ConditionDefinition;
  /** Whether it stays when the condition no longer holds; `false` unless told. */
  readonly permanent?: boolean;
  /**
   * Whether it is earned again: with `times` after so many more events, else each time the condition comes true anew.
   * Only permanent badges can be.
   */
  readonly repeat?: boolean;
  readonly messages?: { readonly earned?: string; readonly lost?: string };
}

/** Several things to do, with a reward for all of them. */
export interface ChallengeDefinition extends Described {
  readonly steps: readonly StepDefinition[];
  /** `any` order (unless told), or `strict`: a step counts once those before it are passed. */
  readonly order?: 'any' | 'strict';
  /** Events before do not count. */
  readonly from?: DateTimeText;
  /** Events from here on do not count. */
  readonly until?: DateTimeText;
  /** How long after the first counted event all must be done. An event after that begins anew. */
  readonly within?: DurationText;
  /** Only the first so many players who complete it are rewarded. */
  readonly limit?: number;
  readonly reward?: RewardDefinition | readonly RewardDefinition[];
  readonly messages?: { readonly step?: string; readonly completed?: string };
}

/** One of the things to do. */
export interface StepDefinition extends EventMatch {
  /** Its number, counted from 1, unless told. */
  readonly id?: string;
  readonly name?: string;
  /** How many such events pass it; 1 unless told. */
  readonly times?: number;
  /** What passing it adds to the progress; 1 unless told. */
  readonly weight?: number;
}

/** What a completed challenge gives, and an incomplete one takes back. */
export interface RewardDefinition {
  readonly resource: string;
  readonly amount: number;
}

/** Days or weeks in a row. */
export interface StreakDefinition extends Described {
  /** The events that keep it going. */
  readonly on: string | readonly string[];
  readonly if?: ExpressionText;
  /** In the player's own time zone; weeks begin on Monday. */
  readonly every: 'day' | 'week';
  /** Freezes bridge what was missed: one is earned for each `every` days or weeks, and `max` can be held. */
  readonly freezes?: { readonly every: number; readonly max: number };
  readonly messages?: { readonly extended?: string };
}

/** Something of the application that is open to some players. */
export interface FeatureDefinition extends Described {
  readonly when: ConditionDefinition;
  readonly messages?: { readonly granted?: string; readonly revoked?: string };
}

/** A currency of `Wallets`. */
export interface ResourceDefinition extends Described {
  /** Amounts are whole numbers; of a fraction, nothing is paid. */
  readonly rules?: readonly RuleDefinition[];
  /**
   * When an event is to take more than the wallet holds, as a `remove` does after its gift was spent: `refuse` the event
   * (unless told), let the wallet go below zero (`negative`), or take what is left (`partial`).
   */
  readonly overdraft?: 'refuse' | 'negative' | 'partial';
  readonly messages?: { readonly received?: string; readonly taken?: string };
}

/** Something that users buy in the engine's `Shop`. */
export interface ProductDefinition extends Described {
  /** A whole number of the shop's resource. */
  readonly price: number;
  /** Most that a user can buy, ever. */
  readonly limit?: number;
  /** Most that all users together can buy, ever. */
  readonly stock?: number;
}

/** A span of time with a name. */
export interface SeasonDefinition {
  readonly name?: string;
  readonly from: DateTimeText;
  /** The first moment behind it. */
  readonly until: DateTimeText;
}
