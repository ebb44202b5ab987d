import ms, { type StringValue } from 'ms';
import { Calendar } from './calendar.js';
import {
  type CompiledBadge,
  type CompiledChallenge,
  type CompiledCondition,
  type CompiledFeature,
  type CompiledMechanics,
  type CompiledRating,
  type CompiledRule,
  type CompiledStep,
  type CompiledStreak,
  type Counter,
  type Plan,
  planKey,
  type StreakMatch,
} from './compiled-mechanics.js';
import { isConcerned, readsOf, type Touched } from './concern.js';
import type {
  ConditionDefinition,
  EventMatch,
  MechanicsDefinition,
  RatingDefinition,
  RuleDefinition,
} from './definition.js';
import { Expression } from './expression.js';

/** A plan while it is put together. */
interface Draft {
  counters: Map<string, Counter>;
  rules: CompiledRule[];
  streaks: StreakMatch[];
  steps: CompiledStep[];
}

/** What mechanics are compiled with. */
export interface CompileOptions {
  /** IANA name of the zone of players who told none. */
  readonly timeZone: string;
  /** How far back in time an event may come to stand behind others of its player, in milliseconds. */
  readonly lateness: number;
}

/**
 * Makes mechanics ready to be applied.
 *
 * @param definition in which nothing is wrong
 */
export function compileMechanics(
  definition: MechanicsDefinition,
  options: CompileOptions,
): CompiledMechanics {
  return new Compiler(definition, options).compile();
}

class Compiler {
  private readonly expressionOf = Expression.compiler();
  private readonly drafts = new Map<string, Draft>();
  private readonly ruleKeys = new Map<string, number>();

  constructor(
    private readonly definition: MechanicsDefinition,
    private readonly options: CompileOptions,
  ) {}

  compile(): CompiledMechanics {
    const { definition } = this;
    const calendar = this.calendar();
    const ratings = map(definition.ratings, (id, each) => this.rating(id, each));
    for (const [id, resource] of Object.entries(definition.resources ?? {})) {
      this.rules(`resources.${id}`, resource.rules ?? [], { resource: id });
    }
    const streaks = map(definition.streaks, (id, each) => this.streak(id, each));
    const challenges = map(definition.challenges, (id, each) => this.challenge(id, each));
    const badges = map(
      definition.badges,
      (id, each): CompiledBadge => ({
        id,
        definition: each,
        condition: this.condition(`badges.${id}`, each.when),
        permanent: each.permanent ?? false,
        repeat: each.repeat ?? false,
      }),
    );
    const features = map(
      definition.features,
      (id, each): CompiledFeature => ({
        id,
        definition: each,
        condition: this.condition(`features.${id}`, each.when),
      }),
    );
    const conditions = [...badges.values(), ...features.values()].map(({ condition }) => condition);
    this.countWhatIsRead(conditions);
    const derived = { badges: [...badges.values()], features: [...features.values()] };
    return {
      definition,
      calendar,
      lateness: this.options.lateness,
      plans: new Map([...this.drafts].map(([key, draft]) => [key, planOf(draft, derived)])),
      identify: planOf(emptyDraft(), derived, true),
      ratings,
      badges,
      challenges,
      streaks,
      features,
      resources: new Map(Object.entries(definition.resources ?? {})),
      balancesRead: readsOf(conditions).balancesRead,
    };
  }

  private calendar(): Calendar {
    const { timeZone } = this.options;
    const seasons = Object.entries(this.definition.seasons ?? {}).map(([id, { from, until }]) => ({
      id,
      from: Date.parse(from),
      until: Date.parse(until),
    }));
    return new Calendar(timeZone, seasons);
  }

  private rating(id: string, definition: RatingDefinition): CompiledRating {
    const rating: CompiledRating = {
      id,
      definition,
      aggregate: definition.aggregate ?? 'sum',
      periods: definition.periods ?? ['all'],
      lowerIsBetter: definition.better === 'lower',
      scale: 10 ** (definition.decimals ?? 0),
    };
    this.rules(`ratings.${id}`, definition.rules, { rating });
    return rating;
  }

  private rules(
    path: string,
    rules: readonly RuleDefinition[],
    target: { rating?: CompiledRating; resource?: string },
  ): void {
    for (const rule of rules) {
      const { value } = rule;
      this.draft(rule).rules.push({
        key: this.ruleKey(`${path}/${planKey(rule.on, rule.action)}`),
        condition: this.test(rule.if),
        value: typeof value === 'number' ? value : this.expressionOf(value, 'number'),
        limit: rule.limit,
        cooldown: rule.cooldown === undefined ? 0 : milliseconds(rule.cooldown),
        rating: target.rating,
        resource: target.resource,
      });
    }
  }

  private streak(id: string, definition: CompiledStreak['definition']): CompiledStreak {
    const streak = { id, definition };
    const condition = this.test(definition.if);
    for (const on of new Set([definition.on].flat())) {
      this.draft({ on }).streaks.push({ streak, condition });
    }
    return streak;
  }

  private challenge(id: string, definition: CompiledChallenge['definition']): CompiledChallenge {
    const steps: CompiledStep[] = [];
    const challenge: CompiledChallenge = {
      id,
      definition,
      steps,
      strict: definition.order === 'strict',
      from: definition.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(definition.from),
      until: definition.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(definition.until),
      within: definition.within === undefined ? Number.POSITIVE_INFINITY : milliseconds(definition.within),
      rewards: [definition.reward ?? []].flat(),
    };
    for (const [index, step] of definition.steps.entries()) {
      const compiled: CompiledStep = {
        id: step.id ?? String(index + 1),
        challenge,
        index,
        definition: step,
        condition: this.test(step.if),
        times: step.times ?? 1,
        weight: step.weight ?? 1,
      };
      steps.push(compiled);
      this.draft(step).steps.push(compiled);
    }
    return challenge;
  }

  private condition(path: string, when: ConditionDefinition): CompiledCondition {
    if (typeof when === 'string') return { kind: 'expression', expression: this.expressionOf(when, 'bool') };
    if ('rating' in when) {
      const { rating, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = when;
      return { kind: 'rating', rating, atLeast, atMost };
    }
    if ('streak' in when) return { kind: 'streak', ...when };
    const condition = this.test(when.if);
    const key = condition === undefined ? planKey(when.on, when.action) : path;
    this.draft(when).counters.set(key, { key, condition });
    return { kind: 'count', key, times: when.times ?? 1 };
  }

  /** What expressions read of `counts` has to be counted. */
  private countWhatIsRead(conditions: readonly CompiledCondition[]): void {
    const read = new Set<string>();
    for (const condition of conditions) {
      if (condition.kind === 'expression')
        for (const type of condition.expression.reads.counts) read.add(type);
    }
    for (const { rules, streaks, steps } of this.drafts.values()) {
      for (const expression of expressionsOf({ rules, streaks, steps })) {
        for (const type of expression.reads.counts) read.add(type);
      }
    }
    for (const type of read) this.draftOf(type).counters.set(type, { key: type, condition: undefined });
  }

  private test(text: string | undefined): Expression | undefined {
    return text === undefined ? undefined : this.expressionOf(text, 'bool');
  }

  private draft({ on, action }: EventMatch): Draft {
    return this.draftOf(planKey(on, action));
  }

  private draftOf(key: string): Draft {
    const known = this.drafts.get(key);
    if (known) return known;
    const draft = emptyDraft();
    this.drafts.set(key, draft);
    return draft;
  }

  /** The second rule of a mechanic for the same events has another key than the first. */
  private ruleKey(name: string): string {
    const place = this.ruleKeys.get(name) ?? 0;
    this.ruleKeys.set(name, place + 1);
    return place === 0 ? name : `${name}#${place + 1}`;
  }
}

function emptyDraft(): Draft {
  return { counters: new Map(), rules: [], streaks: [], steps: [] };
}

/** @param traits whether it is the plan of what a user tells about themselves */
function planOf(
  { counters, rules, streaks, steps }: Draft,
  derived: { badges: readonly CompiledBadge[]; features: readonly CompiledFeature[] },
  traits = false,
): Plan {
  const challenges = [...new Set(steps.map(({ challenge }) => challenge))];
  const touched: Touched = {
    ratings: new Set(rules.flatMap(({ rating }) => rating?.id ?? [])),
    resources: new Set([
      ...rules.flatMap(({ resource }) => resource ?? []),
      ...challenges.flatMap(({ rewards }) => rewards.map(({ resource }) => resource)),
    ]),
    counts: new Set(counters.keys()),
    streaks: new Set(streaks.map(({ streak }) => streak.id)),
    traits,
  };
  const badges = derived.badges.filter(({ condition }) => isConcerned(condition, touched));
  const features = derived.features.filter(({ condition }) => isConcerned(condition, touched));
  const expressions = [
    ...expressionsOf({ rules, streaks, steps }),
    ...[...counters.values()].flatMap(({ condition }) => condition ?? []),
  ];
  return {
    counters: [...counters.values()],
    rules,
    streaks,
    steps,
    badges,
    features,
    challenges,
    resources: [...touched.resources],
    ...readsOf(
      [...badges, ...features].map(({ condition }) => condition),
      expressions,
    ),
  };
}

function expressionsOf({ rules, streaks, steps }: Pick<Draft, 'rules' | 'streaks' | 'steps'>): Expression[] {
  return [
    ...rules.flatMap(({ condition, value }) =>
      [condition ?? [], typeof value === 'number' ? [] : value].flat(),
    ),
    ...streaks.flatMap(({ condition }) => condition ?? []),
    ...steps.flatMap(({ condition }) => condition ?? []),
  ];
}

function map<Definition, Compiled>(
  definitions: Readonly<Record<string, Definition>> | undefined,
  compile: (id: string, definition: Definition) => Compiled,
): ReadonlyMap<string, Compiled> {
  return new Map(Object.entries(definitions ?? {}).map(([id, each]) => [id, compile(id, each)]));
}

/** @param duration a whole number and a unit, which `ms` knows all of */
function milliseconds(duration: string): number {
  return ms(duration as StringValue);
}
