/**
 * What the engine promises, in the plainest way there is: all of a player's events, in the order in which they occurred,
 * are gone through from the first one, and what they gave is a list of facts, each of which names its event.
 */
import type {
  BadgeDefinition,
  ConditionDefinition,
  MechanicsDefinition,
  RatingDefinition,
  RuleDefinition,
  StreakDefinition,
} from 'nestjs-gamification';
import { EXPRESSIONS } from './rich-mechanics.js';

export interface ModelEvent {
  readonly type: string;
  readonly action?: string | undefined;
  readonly key?: string | undefined;
  readonly traits: Readonly<Record<string, unknown>>;
  /** When it occurred. */
  readonly at: number;
}

interface Placed extends ModelEvent {
  readonly seq: number;
  /** What the wallet held beyond what events gave. */
  readonly beyond: number;
  /** What the wallet did not hold of what the event was to take. */
  short: Readonly<Record<string, number>>;
}

export interface Env {
  readonly event: Readonly<Record<string, unknown>>;
  readonly player: Readonly<Record<string, unknown>>;
  ratings(id: string): number;
  balances(id: string): number;
  counts(type: string): number;
  streaks(id: string): number;
}

type Fact = { readonly by: number; readonly at: number } & (
  | { readonly kind: 'count'; readonly key: string }
  | { readonly kind: 'gift'; readonly rule: string; readonly span: string; readonly amount: number }
  | { readonly kind: 'rating'; readonly rating: string; readonly board: string; readonly value: number }
  | { readonly kind: 'pay' | 'short'; readonly resource: string; readonly amount: number }
  | { readonly kind: 'day'; readonly streak: string; readonly day: number }
  | { readonly kind: 'step'; readonly challenge: string; readonly step: string; readonly passes: boolean }
  | { readonly kind: 'badge'; readonly badge: string }
  | { readonly kind: 'level'; readonly rating: string; readonly level: number }
);

/** What a fold comes to, in the shape in which the engine's answers are compared with it. */
export interface Folded {
  readonly due: Readonly<Record<string, number>>;
  /** What wallets got: less is missing where they did not hold what was taken. */
  readonly paid: Readonly<Record<string, number>>;
  readonly boards: Readonly<Record<string, { value: number; reachedAt: number }>>;
  readonly levels: Readonly<Record<string, string | undefined>>;
  readonly badges: Readonly<Record<string, { count: number; at: number }>>;
  readonly features: Readonly<Record<string, number>>;
  readonly challenges: Readonly<
    Record<string, { progress: number; steps: readonly string[]; completed: boolean }>
  >;
  readonly streaks: Readonly<Record<string, { length: number; longest: number }>>;
}

const DAY = 86_400_000;

/** One player by the model. */
export class NaivePlayer {
  readonly wallet: Record<string, number> = {};
  private readonly events: Placed[] = [];

  constructor(
    private readonly definition: MechanicsDefinition,
    private readonly lateness: number,
  ) {}

  /** Records an event. @returns whether it was recorded, is a replay or was refused */
  record(event: ModelEvent): 'recorded' | 'replayed' | 'refused' {
    if (this.isKnown(event)) return 'replayed';
    const { due, paid: before } = this.fold(event.at);
    const latest = Math.max(...this.events.map(({ at }) => at), Number.MIN_SAFE_INTEGER);
    const at = Math.max(event.at, latest - this.lateness);
    const beyond = (this.wallet.coins ?? 0) - (due.coins ?? 0);
    const placed: Placed = { ...event, at, seq: this.events.length, beyond, short: {} };
    this.events.push(placed);
    const after = this.fold(event.at).paid;
    const changes = Object.keys(this.definition.resources ?? {}).map((resource) => ({
      resource,
      change: (after[resource] ?? 0) - (before[resource] ?? 0),
      overdraft: this.definition.resources?.[resource]?.overdraft ?? 'refuse',
    }));
    for (const { resource, change, overdraft } of changes) {
      if (overdraft !== 'refuse' || change >= 0 || (this.wallet[resource] ?? 0) + change >= 0) continue;
      this.events.pop();
      return 'refused';
    }
    for (const { resource, change, overdraft } of changes) {
      const held = this.wallet[resource] ?? 0;
      const floor = overdraft === 'negative' ? Number.NEGATIVE_INFINITY : Math.min(held, 0);
      const left = Math.max(held + change, change < 0 ? floor : held + change);
      placed.short = { ...placed.short, [resource]: left - held - change };
      if (change !== 0) this.wallet[resource] = left;
    }
    return 'recorded';
  }

  /** Records an event of which it is known that it is in the log, whatever that means for the wallet. */
  append(event: ModelEvent): void {
    const latest = Math.max(...this.events.map(({ at }) => at), Number.MIN_SAFE_INTEGER);
    const at = Math.max(event.at, latest - this.lateness);
    this.events.push({ ...event, at, seq: this.events.length, beyond: 0, short: {} });
  }

  /** Spends from the wallet, where it holds enough. */
  spend(resource: string, amount: number): void {
    if ((this.wallet[resource] ?? 0) >= amount) this.wallet[resource] = (this.wallet[resource] ?? 0) - amount;
  }

  private isKnown({ type, action, key }: ModelEvent): boolean {
    if (key === undefined) return false;
    const same = this.events.filter((each) => each.type === type && each.key === key);
    if (action !== 'create' && action !== 'remove') return same.some((each) => each.action === action);
    const last = same.filter((each) => each.action === 'create' || each.action === 'remove').at(-1);
    return last?.action === action;
  }

  /** Goes through all events. @param now for which streaks and levels are told */
  fold(now: number): Folded {
    const ordered = [...this.events].sort((a, b) => a.at - b.at || a.seq - b.seq);
    const fold = new Fold(this.definition);
    for (const event of ordered) fold.applyAndPay(event);
    return fold.result(now);
  }
}

class Fold {
  private facts: Fact[] = [];
  private traits: Record<string, unknown> = {};
  private open: Placed[] = [];
  private readonly lastGiven: Record<string, number> = {};
  private readonly held: Record<string, number> = {};
  private readonly holding = new Set<string>();
  private readonly rounds: Record<string, number> = {};
  private readonly done: Record<string, Record<string, number>> = {};

  constructor(private readonly definition: MechanicsDefinition) {}

  /** An event, and what of it was not there to be taken. */
  applyAndPay(event: Placed): void {
    const before = Object.keys(event.short).map((resource) => ({ resource, paid: this.paid(resource) }));
    this.apply(event);
    for (const { resource, paid } of before) {
      const amount = Math.min(event.short[resource] ?? 0, paid - this.paid(resource));
      if (amount > 0) this.facts.push({ kind: 'short', resource, amount, by: event.seq, at: event.at });
    }
  }

  private apply(event: Placed): void {
    if (event.type === '$identify') {
      this.traits = { ...this.traits, ...event.traits };
      this.follow(event);
      return;
    }
    if (event.action === 'remove') {
      const fits = this.open.filter(
        ({ type, key }) => type === event.type && (event.key === undefined || key === event.key),
      );
      const taken = fits.at(-1);
      if (!taken) return;
      this.open = this.open.filter((each) => each !== taken);
      // A pass is lost only with the event that made it; what was counted before goes anyway.
      this.facts = this.facts.filter(({ by }) => by !== taken.seq);
      this.follow(event);
      return;
    }
    if (event.action === 'create') this.open.push(event);
    this.give(event);
    this.follow(event);
  }

  private give(event: Placed): void {
    const { definition } = this;
    const env = this.env(event.at, event.traits, event.beyond);
    const is = (text: string | undefined) => text === undefined || compute(text, env) === true;
    const matching = <Each extends { on: string; if?: string }>(all: readonly Each[]) =>
      all.filter((each) => each.on === event.type && is(each.if));
    const facts: Fact[] = [];
    const common = { by: event.seq, at: event.at };

    const types = Object.values(definition.badges ?? {}).concat(
      Object.values(definition.features ?? {}) as BadgeDefinition[],
    );
    for (const [index, { when }] of types.entries()) {
      if (
        typeof when === 'object' &&
        'on' in when &&
        when.on === event.type &&
        when.if !== undefined &&
        is(when.if)
      ) {
        facts.push({ kind: 'count', key: `if ${index}`, ...common });
      }
    }
    facts.push({ kind: 'count', key: event.type, ...common });

    for (const [id, rating] of Object.entries(definition.ratings ?? {})) {
      for (const rule of matching(rating.rules)) {
        const key = `${id} ${rating.rules.indexOf(rule)}`;
        const amount = this.amount(
          rule,
          key,
          event,
          env,
          10 ** (rating.decimals ?? 0),
          (rating.aggregate ?? 'sum') === 'sum',
        );
        if (amount === undefined) continue;
        facts.push({ kind: 'gift', rule: key, span: this.span(rule, event.at), amount, ...common });
        this.lastGiven[key] = event.at;
        for (const board of this.boards(rating, event.at)) {
          facts.push({ kind: 'rating', rating: id, board, value: amount, ...common });
        }
      }
    }
    for (const [resource, { rules = [] }] of Object.entries(definition.resources ?? {})) {
      for (const rule of matching(rules)) {
        const key = `${resource}: ${rules.indexOf(rule)}`;
        const amount = this.amount(rule, key, event, env, 1, true);
        if (amount === undefined) continue;
        facts.push({ kind: 'gift', rule: key, span: this.span(rule, event.at), amount, ...common });
        facts.push({ kind: 'pay', resource, amount, ...common });
        this.lastGiven[key] = event.at;
      }
    }
    for (const [streak, { on, if: condition, every }] of Object.entries(definition.streaks ?? {})) {
      if (![on].flat().includes(event.type) || !is(condition)) continue;
      facts.push({ kind: 'day', streak, day: this.unit(every, event.at), ...common });
    }
    this.step(event, is, facts);
    this.facts.push(...facts);
  }

  private step(event: Placed, is: (text: string | undefined) => boolean, facts: Fact[]): void {
    for (const [challenge, { steps, order, from, until, within }] of Object.entries(
      this.definition.challenges ?? {},
    )) {
      if (from !== undefined && event.at < Date.parse(from)) continue;
      if (until !== undefined && event.at >= Date.parse(until)) continue;
      if (this.done[challenge]) continue;
      const begun = this.rounds[challenge];
      const lapsed = begun !== undefined && within !== undefined && event.at >= begun + DAY;
      const passed = (index: number) => !lapsed && this.stepsPassed(challenge).includes(String(index + 1));
      const counting = steps.filter(
        (step, index) =>
          step.on === event.type &&
          is(step.if) &&
          !passed(index) &&
          (order !== 'strict' || steps.slice(0, index).every((_, before) => passed(before))),
      );
      if (counting.length === 0) continue;
      if (begun === undefined || lapsed) {
        this.rounds[challenge] = event.at;
        this.facts = this.facts.filter((fact) => fact.kind !== 'step' || fact.challenge !== challenge);
      }
      for (const step of counting) {
        const id = String(steps.indexOf(step) + 1);
        const times = this.facts.filter(
          (fact) => fact.kind === 'step' && fact.challenge === challenge && fact.step === id,
        );
        const passes = times.length + 1 >= (step.times ?? 1);
        facts.push({ kind: 'step', challenge, step: id, passes, by: event.seq, at: event.at });
      }
    }
  }

  /** What follows from the facts: completed challenges, levels that stay, badges, features. */
  private follow(event: Placed): void {
    const { definition } = this;
    const concerned = (when: ConditionDefinition) => this.concerns(event.type, when);
    for (const [challenge, { steps, reward = [] }] of Object.entries(definition.challenges ?? {})) {
      if (!steps.some(({ on }) => on === event.type)) continue;
      const complete = this.stepsPassed(challenge).length === steps.length;
      if (complete && !this.done[challenge]) {
        this.done[challenge] = Object.fromEntries(
          [reward].flat().map(({ resource, amount }) => [resource, amount]),
        );
      }
      if (!complete) delete this.done[challenge];
    }
    if (event.action !== 'remove' && event.type !== '$identify') {
      for (const [id, rating] of Object.entries(definition.ratings ?? {})) {
        const given = this.facts.some(
          (fact) => fact.kind === 'rating' && fact.rating === id && fact.by === event.seq,
        );
        if (!rating.keepLevel || !given) continue;
        const level = levelOf(rating, this.value(id, event.at));
        if (level > this.keptLevel(id) && level > this.levelBefore(id, event)) {
          this.facts.push({ kind: 'level', rating: id, level, by: event.seq, at: event.at });
        }
      }
    }
    const env = this.env(event.at, {}, event.beyond);
    const all = [...Object.values(definition.badges ?? {}), ...Object.values(definition.features ?? {})];
    for (const [id, badge] of Object.entries(definition.badges ?? {})) {
      if (!concerned(badge.when)) continue;
      const { when } = badge;
      const holds = this.holds(when, `if ${all.indexOf(badge)}`, env, event.at);
      const grants = this.facts.filter((fact) => fact.kind === 'badge' && fact.badge === id).length;
      const grant = () => this.facts.push({ kind: 'badge', badge: id, by: event.seq, at: event.at });
      if (!badge.permanent) {
        if (!holds) delete this.held[`badge ${id}`];
        else this.held[`badge ${id}`] ??= event.at;
      } else if (!badge.repeat) {
        if (holds && grants === 0) grant();
      } else if (typeof when === 'object' && 'on' in when) {
        const count = this.count(when.if === undefined ? when.on : `if ${all.indexOf(badge)}`);
        if (Math.floor(count / (when.times ?? 1)) > grants) grant();
      } else {
        if (holds && !this.holding.has(id)) grant();
        if (holds) this.holding.add(id);
        else this.holding.delete(id);
      }
    }
    for (const [id, feature] of Object.entries(definition.features ?? {})) {
      if (!concerned(feature.when)) continue;
      if (!this.holds(feature.when, `if ${all.indexOf(feature)}`, env, event.at))
        delete this.held[`feature ${id}`];
      else this.held[`feature ${id}`] ??= event.at;
    }
  }

  /** The level that stayed before an event raised it. */
  private levelBefore(id: string, event: Placed): number {
    const rating = this.definition.ratings?.[id];
    if (!rating) return -1;
    const others = this.facts.filter(({ by }) => by !== event.seq);
    return levelOf(rating, valueOn(rating, others, id, this.boards(rating, event.at)[0] ?? ''));
  }

  private keptLevel(id: string): number {
    return Math.max(
      -1,
      ...this.facts.flatMap((fact) => (fact.kind === 'level' && fact.rating === id ? fact.level : [])),
    );
  }

  private concerns(type: string, when: ConditionDefinition): boolean {
    const { ratings = {}, streaks = {}, challenges = {}, resources = {} } = this.definition;
    const rates = (id: string) => ratings[id]?.rules.some(({ on }) => on === type) ?? false;
    const keepsUp = (id: string) => [streaks[id]?.on ?? []].flat().includes(type);
    const pays = (id: string) =>
      (resources[id]?.rules ?? []).some(({ on }) => on === type) ||
      Object.values(challenges).some(
        ({ steps, reward = [] }) =>
          steps.some(({ on }) => on === type) && [reward].flat().some(({ resource }) => resource === id),
      );
    if (typeof when === 'object') {
      if ('rating' in when) return rates(when.rating);
      if ('streak' in when) return keepsUp(when.streak);
      return when.on === type;
    }
    const named = (of: string) =>
      [...when.matchAll(new RegExp(`${of}(?:\\.(\\w+)|\\["(\\w+)"\\])`, 'g'))].map(
        ([, a, b]) => a ?? b ?? '',
      );
    return (
      named('ratings').some(rates) ||
      named('streaks').some(keepsUp) ||
      named('balances').some(pays) ||
      named('counts').includes(type) ||
      (type === '$identify' && when.includes('player.'))
    );
  }

  private holds(when: ConditionDefinition, key: string, env: Env, at: number): boolean {
    if (typeof when === 'string') return compute(when, env) === true;
    if ('rating' in when) {
      const rating = this.definition.ratings?.[when.rating];
      const value = this.value(when.rating, at);
      if (value === undefined) return false;
      const number = value / 10 ** (rating?.decimals ?? 0);
      return (
        number >= (when.atLeast ?? Number.NEGATIVE_INFINITY) &&
        number <= (when.atMost ?? Number.POSITIVE_INFINITY)
      );
    }
    if ('streak' in when) return this.streak(when.streak, at).length >= when.length;
    return this.count(when.if === undefined ? when.on : key) >= (when.times ?? 1);
  }

  private count(key: string): number {
    return this.facts.filter((fact) => fact.kind === 'count' && fact.key === key).length;
  }

  private amount(
    rule: RuleDefinition,
    key: string,
    event: Placed,
    env: Env,
    scale: number,
    isSum: boolean,
  ): number | undefined {
    const last = this.lastGiven[key];
    if (rule.cooldown !== undefined && last !== undefined && event.at < last + 2 * 3_600_000)
      return undefined;
    const value = typeof rule.value === 'number' ? rule.value : Number(compute(rule.value, env));
    let amount = Number((value * scale).toFixed(6));
    amount = Math.trunc(amount);
    const span = this.span(rule, event.at);
    const used = this.facts.filter((fact) => fact.kind === 'gift' && fact.rule === key && fact.span === span);
    if (rule.limit?.times !== undefined && used.length >= rule.limit.times) return undefined;
    if (rule.limit?.value !== undefined) {
      const given = used.reduce((sum, fact) => sum + (fact.kind === 'gift' ? fact.amount : 0), 0);
      amount = Math.min(amount, rule.limit.value * scale - given);
    }
    return amount === 0 && isSum ? undefined : amount;
  }

  private span({ limit }: RuleDefinition, at: number): string {
    if (limit?.per === 'day') return localDate(at, this.zone);
    if (limit?.per === 'week') return String(this.unit('week', at));
    return '';
  }

  private boards({ periods = ['all'] }: RatingDefinition, at: number): string[] {
    return periods.flatMap((period) => {
      if (period === 'day') return localDate(at, this.zone);
      if (period === 'week') return isoWeek(localDate(at, this.zone));
      if (period === 'all') return 'all';
      const season = Object.entries(this.definition.seasons ?? {}).find(
        ([, { from, until }]) => at >= Date.parse(from) && at < Date.parse(until),
      );
      return season?.[0] ?? [];
    });
  }

  private unit(every: 'day' | 'week', at: number): number {
    const day = Date.parse(`${localDate(at, this.zone)}T00:00:00Z`) / DAY;
    return every === 'day' ? day : Math.floor((day + 3) / 7);
  }

  private get zone(): string {
    return typeof this.traits.timeZone === 'string' ? this.traits.timeZone : 'UTC';
  }

  private stepsPassed(challenge: string): string[] {
    return this.facts.flatMap((fact) =>
      fact.kind === 'step' && fact.challenge === challenge && fact.passes ? fact.step : [],
    );
  }

  private value(id: string, at: number): number | undefined {
    const rating = this.definition.ratings?.[id];
    const [board] = rating
      ? this.boards({ ...rating, periods: (rating.periods ?? ['all']).slice(0, 1) }, at)
      : [];
    return rating && board !== undefined ? valueOn(rating, this.facts, id, board) : undefined;
  }

  private paid(resource: string): number {
    const missed = this.facts.flatMap((fact) =>
      fact.kind === 'short' && fact.resource === resource ? fact.amount : [],
    );
    return missed.reduce((sum, amount) => sum + amount, this.due(resource));
  }

  private due(resource: string): number {
    const paid = this.facts.reduce(
      (sum, fact) => sum + (fact.kind === 'pay' && fact.resource === resource ? fact.amount : 0),
      0,
    );
    return paid + Object.values(this.done).reduce((sum, gave) => sum + (gave[resource] ?? 0), 0);
  }

  private streak(id: string, at: number): { length: number; longest: number } {
    const definition = this.definition.streaks?.[id];
    if (!definition) return { length: 0, longest: 0 };
    const days = this.facts.flatMap((fact) => (fact.kind === 'day' && fact.streak === id ? fact.day : []));
    return streakOf(
      [...new Set(days)].sort((a, b) => a - b),
      definition,
      this.unit(definition.every, at),
    );
  }

  private env(at: number, event: Readonly<Record<string, unknown>>, beyond: number): Env {
    return {
      event,
      player: this.traits,
      ratings: (id) => (this.value(id, at) ?? 0) / 10 ** (this.definition.ratings?.[id]?.decimals ?? 0),
      balances: (id) => this.due(id) + beyond,
      counts: (type) => this.count(type),
      streaks: (id) => this.streak(id, at).length,
    };
  }

  result(now: number): Folded {
    const { definition, facts } = this;
    const ratings = Object.entries(definition.ratings ?? {});
    const boards = ratings.flatMap(([id, rating]) => {
      const names = new Set(
        facts.flatMap((fact) => (fact.kind === 'rating' && fact.rating === id ? fact.board : [])),
      );
      return [...names].map((board) => {
        const value = valueOn(rating, facts, id, board) ?? 0;
        return [
          `${id}/${board}`,
          { value: value / 10 ** (rating.decimals ?? 0), reachedAt: reachedAt(rating, facts, id, board) },
        ];
      });
    });
    return {
      due: Object.fromEntries(Object.keys(definition.resources ?? {}).map((id) => [id, this.due(id)])),
      paid: Object.fromEntries(Object.keys(definition.resources ?? {}).map((id) => [id, this.paid(id)])),
      boards: Object.fromEntries(boards),
      levels: Object.fromEntries(
        ratings.map(([id, rating]) => {
          const level = Math.max(
            levelOf(rating, this.value(id, now)),
            rating.keepLevel ? this.keptLevel(id) : -1,
          );
          return [id, rating.levels?.[level]?.name];
        }),
      ),
      badges: Object.fromEntries(
        Object.entries(definition.badges ?? {}).flatMap(([id, { permanent }]) => {
          const grants = facts
            .filter((fact) => fact.kind === 'badge' && fact.badge === id)
            .map(({ at }) => at);
          const since = this.held[`badge ${id}`];
          const times = permanent ? grants : since === undefined ? [] : [since];
          return times.length === 0 ? [] : [[id, { count: times.length, at: Math.max(...times) }]];
        }),
      ),
      features: Object.fromEntries(
        Object.keys(definition.features ?? {}).flatMap((id) => {
          const since = this.held[`feature ${id}`];
          return since === undefined ? [] : [[id, since]];
        }),
      ),
      challenges: Object.fromEntries(
        Object.entries(definition.challenges ?? {}).flatMap(([id, { steps }]) => {
          if (this.rounds[id] === undefined) return [];
          const passed = this.stepsPassed(id).sort();
          const progress = passed.reduce((sum, step) => sum + (steps[Number(step) - 1]?.weight ?? 1), 0);
          return [[id, { progress, steps: passed, completed: this.done[id] !== undefined }]];
        }),
      ),
      streaks: Object.fromEntries(
        Object.keys(definition.streaks ?? {}).map((id) => [id, this.streak(id, now)]),
      ),
    };
  }
}

function compute(text: string, env: Env): number | boolean {
  const expression = EXPRESSIONS[text];
  if (!expression) throw new Error(`the model does not know ${text}`);
  return expression(env);
}

function gifts(facts: readonly Fact[], id: string, board: string): { value: number; at: number }[] {
  return facts.flatMap((fact) =>
    fact.kind === 'rating' && fact.rating === id && fact.board === board
      ? { value: fact.value, at: fact.at }
      : [],
  );
}

function valueOn(
  { aggregate = 'sum' }: RatingDefinition,
  facts: readonly Fact[],
  id: string,
  board: string,
): number | undefined {
  const values = gifts(facts, id, board).map(({ value }) => value);
  if (values.length === 0) return undefined;
  if (aggregate === 'sum') return values.reduce((a, b) => a + b);
  if (aggregate === 'last') return values.at(-1);
  return aggregate === 'max' ? Math.max(...values) : Math.min(...values);
}

function reachedAt(rating: RatingDefinition, facts: readonly Fact[], id: string, board: string): number {
  const all = gifts(facts, id, board);
  if (rating.aggregate === 'max' || rating.aggregate === 'min') {
    const value = valueOn(rating, facts, id, board);
    return all.find((gift) => gift.value === value)?.at ?? 0;
  }
  return all.at(-1)?.at ?? 0;
}

function levelOf({ levels = [], decimals = 0, better }: RatingDefinition, value: number | undefined): number {
  if (value === undefined) return -1;
  const number = value / 10 ** decimals;
  return levels.findLastIndex(({ from }) => (better === 'lower' ? number <= from : number >= from));
}

function streakOf(
  days: readonly number[],
  { freezes }: StreakDefinition,
  today: number,
): { length: number; longest: number } {
  let length = 0;
  let longest = 0;
  let held = 0;
  let before: number | undefined;
  const miss = (missed: number) => {
    if (missed > held) {
      length = 0;
      held = 0;
    } else held -= missed;
  };
  for (const day of days) {
    if (before !== undefined) miss(day - before - 1);
    length++;
    if (freezes && length % freezes.every === 0) held = Math.min(freezes.max, held + 1);
    longest = Math.max(longest, length);
    before = day;
  }
  if (before !== undefined && today > before) miss(today - before - 1);
  return { length, longest };
}

/** Making one takes longer than a whole fold. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localDate(at: number, timeZone: string): string {
  const known = FORMATS.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  FORMATS.set(timeZone, format);
  return format.format(at);
}

/** By the definition of ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek(date: string): string {
  const day = Date.parse(`${date}T00:00:00Z`);
  const thursday = new Date(day + (3 - ((new Date(day).getUTCDay() + 6) % 7)) * DAY);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - first) / DAY / 7) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
