import type { Calendar } from './calendar.js';
import type {
  BadgeDefinition,
  ChallengeDefinition,
  FeatureDefinition,
  LimitDefinition,
  MechanicsDefinition,
  PeriodKind,
  RatingDefinition,
  ResourceDefinition,
  RewardDefinition,
  StepDefinition,
  StreakDefinition,
} from './definition.js';
import type { Expression } from './expression.js';
import type { Aggregate } from './rating-cell.js';

/** Mechanics made ready: every event type knows what it concerns, and every expression is compiled. */
export interface CompiledMechanics {
  readonly definition: MechanicsDefinition;
  readonly calendar: Calendar;
  /** How far back in time an event may come to stand behind others of its player, in milliseconds. */
  readonly lateness: number;
  /** By {@link planKey}. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** What the traits of a user concern. */
  readonly identify: Plan;
  readonly ratings: ReadonlyMap<string, CompiledRating>;
  readonly badges: ReadonlyMap<string, CompiledBadge>;
  readonly challenges: ReadonlyMap<string, CompiledChallenge>;
  readonly streaks: ReadonlyMap<string, CompiledStreak>;
  readonly features: ReadonlyMap<string, CompiledFeature>;
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  /** The resources whose balance the conditions of badges and features look at. */
  readonly balancesRead: readonly string[];
}

/** All that events of one type concern. */
export interface Plan {
  readonly counters: readonly Counter[];
  readonly rules: readonly CompiledRule[];
  readonly streaks: readonly StreakMatch[];
  readonly steps: readonly CompiledStep[];
  readonly badges: readonly CompiledBadge[];
  readonly features: readonly CompiledFeature[];
  /** The challenges that its steps or their loss can complete or open again. */
  readonly challenges: readonly CompiledChallenge[];
  /** The resources whose balance it can change. */
  readonly resources: readonly string[];
  /** The resources whose balance its conditions and values look at. */
  readonly balancesRead: readonly string[];
  /** The ids that its expressions name. */
  readonly ratingsRead: readonly string[];
  readonly countsRead: readonly string[];
  readonly streaksRead: readonly string[];
}

/** Counts events for conditions. */
export interface Counter {
  readonly key: string;
  readonly condition: Expression | undefined;
}

/** Gives something to a rating or a resource. */
export interface CompiledRule {
  /** Its own in all mechanics, and the same after others were added: how its limits are remembered. */
  readonly key: string;
  readonly condition: Expression | undefined;
  readonly value: number | Expression;
  readonly limit: LimitDefinition | undefined;
  /** Milliseconds; 0 for none. */
  readonly cooldown: number;
  readonly rating: CompiledRating | undefined;
  readonly resource: string | undefined;
}

export interface CompiledRating {
  readonly id: string;
  readonly definition: RatingDefinition;
  readonly aggregate: Aggregate;
  readonly periods: readonly PeriodKind[];
  readonly lowerIsBetter: boolean;
  /** Values are kept as whole numbers: so many of them make 1. */
  readonly scale: number;
}

/** When a badge is earned or a feature opens. */
export type CompiledCondition =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'count'; readonly key: string; readonly times: number }
  | { readonly kind: 'rating'; readonly rating: string; readonly atLeast: number; readonly atMost: number }
  | { readonly kind: 'streak'; readonly streak: string; readonly length: number };

export interface CompiledBadge {
  readonly id: string;
  readonly definition: BadgeDefinition;
  readonly condition: CompiledCondition;
  readonly permanent: boolean;
  readonly repeat: boolean;
}

export interface CompiledFeature {
  readonly id: string;
  readonly definition: FeatureDefinition;
  readonly condition: CompiledCondition;
}

export interface CompiledChallenge {
  readonly id: string;
  readonly definition: ChallengeDefinition;
  readonly steps: readonly CompiledStep[];
  readonly strict: boolean;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /** Milliseconds. */
  readonly within: number;
  readonly rewards: readonly RewardDefinition[];
}

export interface CompiledStep {
  readonly id: string;
  readonly challenge: CompiledChallenge;
  /** Its place among the steps, counted from 0. */
  readonly index: number;
  readonly definition: StepDefinition;
  readonly condition: Expression | undefined;
  readonly times: number;
  readonly weight: number;
}

export interface CompiledStreak {
  readonly id: string;
  readonly definition: StreakDefinition;
}

export interface StreakMatch {
  readonly streak: CompiledStreak;
  readonly condition: Expression | undefined;
}

/** How plans are found: what an action event creates counts as an event of its type. */
export function planKey(type: string, action: string | undefined): string {
  // Types hold no control characters.
  return action === undefined || action === 'create' ? type : `${type}\n${action}`;
}
