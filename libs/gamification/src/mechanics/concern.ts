import type { CompiledCondition, CompiledMechanics, Plan } from './compiled-mechanics.js';
import type { Expression } from './expression.js';
import type { Given } from './given.js';

/** What an event, or taking one back, changes. */
export interface Touched {
  readonly ratings: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly counts: ReadonlySet<string>;
  readonly streaks: ReadonlySet<string>;
  readonly traits: boolean;
}

/** Whether a condition can come out otherwise. */
export function isConcerned(condition: CompiledCondition, touched: Touched): boolean {
  switch (condition.kind) {
    case 'count':
      return touched.counts.has(condition.key);
    case 'rating':
      return touched.ratings.has(condition.rating);
    case 'streak':
      return touched.streaks.has(condition.streak);
    case 'expression': {
      const { reads } = condition.expression;
      const some = (read: ReadonlySet<string>, of: ReadonlySet<string>) => [...read].some((id) => of.has(id));
      return (
        some(reads.ratings, touched.ratings) ||
        some(reads.balances, touched.resources) ||
        some(reads.counts, touched.counts) ||
        some(reads.streaks, touched.streaks) ||
        (touched.traits && reads.player)
      );
    }
  }
}

/** The ids that conditions and other expressions name. */
export function readsOf(
  conditions: readonly CompiledCondition[],
  others: readonly Expression[] = [],
): Pick<Plan, 'balancesRead' | 'ratingsRead' | 'countsRead' | 'streaksRead'> {
  const expressions = [
    ...others,
    ...conditions.flatMap((condition) => (condition.kind === 'expression' ? condition.expression : [])),
  ];
  const read = (of: 'ratings' | 'balances' | 'counts' | 'streaks') => [
    ...new Set(expressions.flatMap(({ reads }) => [...reads[of]])),
  ];
  return {
    balancesRead: read('balances'),
    ratingsRead: read('ratings'),
    countsRead: read('counts'),
    streaksRead: read('streaks'),
  };
}

/**
 * A plan with what follows from what is taken back beside it: under other mechanics, an event may have given what its type
 * gives no more.
 */
export function withWhatFollows(
  plan: Plan,
  { badges, features, challenges }: CompiledMechanics,
  given: readonly Given[],
): Plan {
  const idsOf = (kind: Given[0]) => new Set(given.flatMap((each) => (each[0] === kind ? each[1] : [])));
  const steps = idsOf('step');
  const rewards = [...challenges.values()].filter(({ id }) => steps.has(id)).flatMap((each) => each.rewards);
  const touched = {
    ratings: idsOf('rating'),
    resources: new Set([...idsOf('resource'), ...rewards.map(({ resource }) => resource)]),
    counts: idsOf('count'),
    streaks: idsOf('day'),
    traits: false,
  };
  const add = <Each>(known: readonly Each[], all: Iterable<Each>, isMeant: (each: Each) => boolean) => [
    ...known,
    ...[...all].filter((each) => !known.includes(each) && isMeant(each)),
  ];
  const all = {
    challenges: add(plan.challenges, challenges.values(), ({ id }) => steps.has(id)),
    badges: add(plan.badges, badges.values(), ({ condition }) => isConcerned(condition, touched)),
    features: add(plan.features, features.values(), ({ condition }) => isConcerned(condition, touched)),
  };
  if (all.badges.length + all.features.length === plan.badges.length + plan.features.length)
    return { ...plan, ...all };
  return { ...plan, ...all, ...readsOf([...all.badges, ...all.features].map(({ condition }) => condition)) };
}
