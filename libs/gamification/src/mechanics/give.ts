import type {
  CompiledRating,
  CompiledRule,
  CompiledStep,
  CompiledStreak,
  Plan,
} from './compiled-mechanics.js';
import type { Expression, Inputs } from './expression.js';
import { levelAt, levelOf, valueAt } from './player-state.js';
import { addGift, standing } from './rating-cell.js';
import { addDay } from './streak-days.js';
import type { Turn } from './turn.js';

/** An event would take more of a resource than there is, and was not applied. */
export class Overdraft extends Error {
  constructor(
    readonly resource: string,
    readonly amount: number,
  ) {
    super(`${amount} ${resource}`);
  }
}

/** Spans that begin with a player's own day. */
const BY_CALENDAR: readonly string[] = ['day', 'week', 'month'];
/** Boards of finished periods that take-backs still reach, beyond those that late events do. */
const MAX_FINISHED_PERIODS = 40;
const DAY = 86_400_000;

/**
 * Gives what the rules, streaks and steps of an event's plan say.
 *
 * @param event its traits
 * @throws Overdraft when a rule is to take more than there is; then nothing was changed
 */
export function give(turn: Turn, plan: Plan, event: Readonly<Record<string, unknown>>): void {
  const { state } = turn;
  const inputs = turn.inputs(plan, event);
  // All of it is decided by what was before the event, so that the order of the mechanics does not matter.
  const amounts = plan.rules.map((rule) =>
    applies(turn, rule, inputs) ? amountOf(turn, rule, inputs) : undefined,
  );
  const counters = applying(turn, plan.counters, inputs);
  const streaks = applying(turn, plan.streaks, inputs);
  const steps = applying(turn, plan.steps, inputs).filter((step) => isNext(turn, step));
  refuseOverdrafts(turn, plan.rules, amounts);

  for (const { key } of counters) {
    state.counts[key] = (state.counts[key] ?? 0) + 1;
    turn.give(['count', key]);
  }
  for (const [index, rule] of plan.rules.entries()) {
    const amount = amounts[index];
    if (amount !== undefined) pay(turn, rule, amount);
  }
  for (const { streak } of streaks) keepGoing(turn, streak);
  for (const step of steps) count(turn, step);
}

function applies(
  turn: Turn,
  { condition }: { readonly condition: Expression | undefined },
  inputs: Inputs,
): boolean {
  return condition === undefined || turn.test(condition, inputs);
}

function applying<Each extends { readonly condition: Expression | undefined }>(
  turn: Turn,
  all: readonly Each[],
  inputs: Inputs,
): readonly Each[] {
  return all.length === 0 ? all : all.filter((each) => applies(turn, each, inputs));
}

/** What a rule gives to this event, in the smallest units of its target; nothing where it gives nothing. */
function amountOf(turn: Turn, rule: CompiledRule, inputs: Inputs): number | undefined {
  const { limit, cooldown, rating } = rule;
  const use = useOf(turn, rule);
  if (cooldown > 0 && use && turn.at < use.l + cooldown) return undefined;
  const value = typeof rule.value === 'number' ? rule.value : turn.number(rule.value, inputs);
  if (value === undefined) return undefined;
  const scale = rating?.scale ?? 1;
  let amount = cut(value * scale);
  if (limit !== undefined && use && use.p === spanOf(turn, rule)) {
    if (limit.times !== undefined && use.n >= limit.times) return undefined;
    if (limit.value !== undefined) amount = Math.min(amount, Math.max(0, cut(limit.value * scale) - use.s));
  } else if (limit?.value !== undefined) {
    amount = Math.min(amount, cut(limit.value * scale));
  }
  const counts = rating !== undefined && rating.aggregate !== 'sum';
  if (amount === 0 && (!counts || limit?.value !== undefined)) return undefined;
  if (!Number.isSafeInteger(amount)) {
    turn.world.report(new RangeError(`${rule.key}: ${value} is more than a value can be`));
    return undefined;
  }
  return amount;
}

function pay(turn: Turn, rule: CompiledRule, amount: number): void {
  const { rating, resource, limit, cooldown } = rule;
  if (rating && !rate(turn, rating, amount)) return;
  if (resource !== undefined) {
    turn.addToDue(resource, amount);
    turn.give(['resource', resource, amount]);
  }
  if (limit === undefined && cooldown === 0) return;
  const span = spanOf(turn, rule);
  const use = useOf(turn, rule);
  turn.state.uses[rule.key] =
    use?.p === span
      ? { p: span, n: use.n + 1, s: use.s + amount, l: turn.at }
      : { p: span, n: 1, s: amount, l: turn.at };
  turn.give(['use', rule.key, span, amount]);
}

function useOf(turn: Turn, { key }: CompiledRule) {
  return turn.state.uses[key];
}

function spanOf(turn: Turn, rule: CompiledRule): string {
  const { limit } = rule;
  if (limit === undefined) return '';
  const span = turn.mechanics.calendar.spanOf(limit.per, turn.at, turn.timeZone);
  const last = useOf(turn, rule)?.p;
  // Who moves to where it is the day before goes on with the day that has begun: no limit begins anew by moving. Such spans
  // are in the order of time, and each kind of them has a length of its own.
  const isOneKind = last?.length === span.length && BY_CALENDAR.includes(limit.per);
  return last !== undefined && isOneKind && span < last ? last : span;
}

/** @returns whether there is a board for it: outside of seasons there may be none */
function rate(turn: Turn, rating: CompiledRating, amount: number): boolean {
  const { state, mechanics, at } = turn;
  const before = rating.definition.keepLevel ? levelAt(state, rating, at, mechanics) : -1;
  state.ratings[rating.id] ??= {};
  const cells = state.ratings[rating.id] ?? {};
  let rated = false;
  for (const kind of rating.periods) {
    const period = mechanics.calendar.periodOf(kind, at, turn.timeZone);
    if (period === undefined) continue;
    if (!fits(turn, rating, cells[period]?.v, amount)) continue;
    rated = true;
    turn.watch.rating(state, rating, period);
    const isNew = cells[period] === undefined;
    cells[period] = addGift(cells[period], rating.aggregate, [amount, at], turn.seq);
    if (isNew && kind !== 'all') forget(turn, rating);
    turn.give(['rating', rating.id, period, amount, at]);
  }
  if (rating.definition.keepLevel) keepLevel(turn, rating, before);
  return rated;
}

function fits(turn: Turn, rating: CompiledRating, sum: number | undefined, amount: number): boolean {
  if (rating.aggregate !== 'sum' || Number.isSafeInteger((sum ?? 0) + amount)) return true;
  turn.world.report(new RangeError(`the rating ${rating.id} would pass what a value can be`));
  return false;
}

function keepLevel(turn: Turn, rating: CompiledRating, before: number): void {
  const { state, mechanics, at } = turn;
  const level = levelOf(valueAt(state, rating, at, mechanics)?.[0], rating);
  if (level <= before) return;
  // What is below a level that cannot be taken back has no say any more.
  const kept = turn.open ? (state.levels[rating.id] ?? []) : [];
  state.levels[rating.id] = [...kept, [level, at]];
  turn.give(['level', rating.id, level, at]);
}

/** Lets go of boards that neither a late event nor, but for the latest, a remove can reach. */
function forget(turn: Turn, rating: CompiledRating): void {
  const { calendar, lateness } = turn.mechanics;
  const cells = turn.state.ratings[rating.id] ?? {};
  // A day more, for players who change their time zone.
  const since = turn.at - lateness - DAY;
  for (const kind of rating.periods) {
    if (kind === 'all') continue;
    const ofKind = Object.keys(cells).filter((period) => calendar.isOfKind(kind, period));
    const finished = ofKind
      .filter((period) => calendar.endsBefore(kind, period, since, turn.timeZone))
      .sort();
    const open = finished.filter((period) => cells[period]?.o !== undefined);
    const kept = new Set(open.slice(-MAX_FINISHED_PERIODS));
    for (const period of finished) {
      const cell = cells[period];
      if (!cell || kept.has(period)) continue;
      turn.world.finished?.(rating, period, standing(cell, rating.aggregate));
      delete cells[period];
    }
  }
}

function keepGoing(turn: Turn, streak: CompiledStreak): void {
  const { state } = turn;
  const day = turn.dayOf(streak);
  turn.watch.streak(state, streak);
  state.streaks[streak.id] = addDay(state.streaks[streak.id], day, turn.open, streak.definition.freezes);
  turn.give(['day', streak.id, day]);
}

/** Whether a step's turn has come: in strict order, those before it are passed. */
function isNext(turn: Turn, { challenge, index }: CompiledStep): boolean {
  if (!challenge.strict) return true;
  const known = turn.state.challenges[challenge.id];
  const lapsed = known !== undefined && !known.done && turn.at >= known.first + challenge.within;
  const steps = lapsed ? {} : known?.steps;
  return challenge.steps.slice(0, index).every(({ id }) => steps?.[id]?.at !== undefined);
}

function refuseOverdrafts(
  turn: Turn,
  rules: readonly CompiledRule[],
  amounts: readonly (number | undefined)[],
): void {
  // Hardly ever does a rule take something.
  if (!rules.some(({ resource }, index) => resource !== undefined && (amounts[index] ?? 0) < 0)) return;
  const taken = new Map<string, number>();
  for (const [index, { resource }] of rules.entries()) {
    if (resource !== undefined) taken.set(resource, (taken.get(resource) ?? 0) + (amounts[index] ?? 0));
  }
  for (const [resource, amount] of taken) {
    if (amount < 0 && !turn.world.mayTake(resource, -amount)) throw new Overdraft(resource, -amount);
  }
}

function count(turn: Turn, step: CompiledStep): void {
  const { state, at } = turn;
  const { challenge, id } = step;
  if (at < challenge.from || at >= challenge.until) return;
  let known = state.challenges[challenge.id];
  if (known?.done) return;
  if (!known || at >= known.first + challenge.within) known = { first: at, steps: {} };
  if (known.steps[id]?.at !== undefined) return;
  turn.watch.challenge(state, challenge);
  state.challenges[challenge.id] = known;
  const n = (known.steps[id]?.n ?? 0) + 1;
  const passes = n >= step.times;
  known.steps[id] = passes ? { n, at } : { n };
  turn.give(['step', challenge.id, id, known.first, passes ? at : null]);
}

/** The whole part of a number, where a value that only a binary fraction misses counts as reached: 0.29 × 100 is 29. */
function cut(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - rounded) < 1e-6 ? rounded : Math.trunc(value);
}
