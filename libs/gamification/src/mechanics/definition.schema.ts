import * as v from 'valibot';
import { IDENTIFIER_RULE, isIdentifier } from '../validation.js';
import type {
  ConditionDefinition,
  LevelDefinition,
  MechanicsDefinition,
  RatingDefinition,
} from './definition.js';
import { Expression, ExpressionError, type ExpressionResult } from './expression.js';

/** Most mechanics of a kind, rules of one, steps, levels, traits of groups or texts that are handed out. */
const MAX_MECHANICS = 1_000;
const MAX_PARTS = 100;
const MAX_TEXT = 1_000;
const MAX_EXPRESSION = 2_000;

const text = (description: string) =>
  v.pipe(
    v.string(`a text of 1 to ${MAX_TEXT} characters`),
    v.minLength(1, `a text of 1 to ${MAX_TEXT} characters`),
    v.maxLength(MAX_TEXT, `a text of 1 to ${MAX_TEXT} characters`),
    v.description(description),
  );

const compileExpression = Expression.compiler();

/** @param aboutEvent whether it is computed for an event, whose traits it may name */
const expression = (result: ExpressionResult, aboutEvent: boolean, description: string) =>
  v.pipe(
    v.string('a CEL expression'),
    v.minLength(1, 'a CEL expression'),
    v.maxLength(MAX_EXPRESSION, `a CEL expression of at most ${MAX_EXPRESSION} characters`),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.issues !== undefined) return;
      try {
        const { reads } = compileExpression(dataset.value, result);
        if (reads.event && !aboutEvent)
          addIssue({ message: 'no `event`, which is only known to `{ on, if }`' });
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        addIssue({ message: `a CEL expression (${error.message})` });
      }
    }),
    v.description(description),
  );

const wholeNumber = (min: number, max: number, description: string) => {
  const rule = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(rule),
    v.integer(rule),
    v.minValue(min, rule),
    v.maxValue(max, rule),
    v.description(description),
  );
};

const number = (description: string) =>
  v.pipe(v.number('a number'), v.finite('a number'), v.description(description));

const ID_RULE = 'a letter, then letters, digits, _ and -, 64 at most, and no name that every object has';
/** What every object has, `constructor` among it, cannot be told apart from what a player has. */
const id = v.pipe(
  v.string(ID_RULE),
  v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, ID_RULE),
  v.check((name) => !(name in Object.prototype), ID_RULE),
);

const TYPE_RULE = `the type of an event: ${IDENTIFIER_RULE}, not beginning with $`;
const eventType = v.pipe(
  v.string(TYPE_RULE),
  v.minLength(1, TYPE_RULE),
  v.maxLength(255, TYPE_RULE),
  v.regex(/^[^$]/, TYPE_RULE),
  v.check((type) => isIdentifier(type), TYPE_RULE),
  v.check((name) => !(name in Object.prototype), TYPE_RULE),
  v.description('The type of the events. Of action events, those that create count.'),
);

const DURATION_RULE = 'a whole number and a unit: 90s, 15m, 12h, 7d or 2w';
const duration = (description: string) =>
  v.pipe(
    v.string(DURATION_RULE),
    v.regex(/^[1-9]\d{0,5}[smhdw]$/, DURATION_RULE),
    v.description(description),
  );

const TIME_RULE = 'a time in ISO 8601 with an offset: 2026-12-01T00:00:00Z';
const dateTime = (description: string) =>
  v.pipe(
    v.string(TIME_RULE),
    v.isoTimestamp(TIME_RULE),
    v.check((time) => !Number.isNaN(Date.parse(time)), TIME_RULE),
    v.description(description),
  );

const metaInfo = v.pipe(
  v.record(v.string(), v.string('a text'), 'an object of texts'),
  v.maxEntries(MAX_PARTS, `at most ${MAX_PARTS} texts`),
  v.description('Texts that are handed out with it, such as the URL of a picture.'),
);

const described = {
  name: text('For people.'),
  description: v.optional(text('For people: what it is about.')),
  metaInfo: v.optional(metaInfo),
};

const ACTION_RULE = `${IDENTIFIER_RULE}, but not remove: that takes back what its create gave`;
const eventMatch = {
  on: eventType,
  action: v.optional(
    v.pipe(
      v.string(ACTION_RULE),
      v.minLength(1, ACTION_RULE),
      v.maxLength(255, ACTION_RULE),
      v.check((action) => isIdentifier(action) && action !== 'remove', ACTION_RULE),
      v.description('Of action events, another action than `create`.'),
    ),
  ),
  if: v.optional(
    expression('bool', true, 'Only events for which this is true, as everything was before the event.'),
  ),
};

const perRule = 'hour, day, week, month, season or ever';
const limit = v.pipe(
  v.strictObject(
    {
      times: v.optional(wholeNumber(1, 1_000_000_000, 'To so many events.')),
      value: v.optional(v.pipe(number('So much.'), v.gtValue(0, 'a number above 0'))),
      per: v.picklist(['hour', 'day', 'week', 'month', 'season', 'ever'], perRule),
    },
    'a limit: { times or value, per }',
  ),
  v.check(
    ({ times, value }) => times !== undefined || value !== undefined,
    'a limit with times, value or both',
  ),
  v.description("What is given at most, in each span of time of the player's time zone."),
);

const rule = v.strictObject(
  {
    ...eventMatch,
    value: v.union(
      [number('How much.'), expression('number', true, 'How much, as an expression.')],
      'a number or a CEL expression',
    ),
    limit: v.optional(limit),
    cooldown: v.optional(duration('How long the rule rests after an event to which it gave something.')),
  },
  'a rule: { on, value }',
);

const rules = v.pipe(
  v.array(rule, 'a list of rules'),
  v.maxLength(MAX_PARTS, `at most ${MAX_PARTS} rules`),
  v.readonly(),
);

const messages = <Kinds extends string>(...kinds: readonly Kinds[]) => {
  const message = v.optional(text('A message to the player; {name} and other values stand in braces.'));
  const entries = Object.fromEntries(kinds.map((kind) => [kind, message])) as Record<Kinds, typeof message>;
  return v.optional(v.strictObject(entries, `messages: ${kinds.join(', ')}`));
};

const kinds = 'all, day, week, month or season';
const rating = v.pipe(
  v.strictObject(
    {
      ...described,
      rules,
      aggregate: v.optional(v.picklist(['sum', 'max', 'min', 'last'], 'sum, max, min or last')),
      better: v.optional(v.picklist(['higher', 'lower'], 'higher or lower')),
      decimals: v.optional(wholeNumber(0, 6, 'Decimals that are kept.')),
      periods: v.optional(
        v.pipe(
          v.array(v.picklist(['all', 'day', 'week', 'month', 'season'], kinds), `a list of ${kinds}`),
          v.minLength(1, `a list of ${kinds}`),
          v.check((periods) => new Set(periods).size === periods.length, 'each period once'),
          v.readonly(),
        ),
      ),
      levels: v.optional(
        v.pipe(
          v.array(
            v.strictObject(
              { name: text('For people.'), from: number('The value that reaches it.') },
              'a level: { name, from }',
            ),
            'a list of levels',
          ),
          v.minLength(1, 'a list of levels'),
          v.maxLength(MAX_PARTS, `at most ${MAX_PARTS} levels`),
          v.readonly(),
        ),
      ),
      keepLevel: v.optional(v.boolean('true or false')),
      messages: messages('levelUp', 'levelDown'),
    },
    'a rating: { name, rules }',
  ),
  v.check(
    ({ levels, better }) => areInOrder(levels, better),
    'levels in the order in which they are reached, each with a name of its own',
  ),
);

const condition: v.GenericSchema<ConditionDefinition> = v.union(
  [
    expression('bool', false, 'A CEL expression over what is after the event.'),
    v.strictObject({
      ...eventMatch,
      times: v.optional(wholeNumber(1, 1_000_000_000, 'How many; 1 unless told.')),
    }),
    v.pipe(
      v.strictObject({
        rating: id,
        atLeast: v.optional(number('The smallest value.')),
        atMost: v.optional(number('The greatest value.')),
      }),
      v.check(({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined),
    ),
    v.strictObject({ streak: id, length: wholeNumber(1, 1_000_000, 'How long it has to be.') }),
  ],
  'a CEL expression, { on, times }, { rating, atLeast or atMost } or { streak, length }',
);

const badge = v.pipe(
  v.strictObject(
    {
      ...described,
      when: condition,
      permanent: v.optional(v.boolean('true or false')),
      repeat: v.optional(v.boolean('true or false')),
      messages: messages('earned', 'lost'),
    },
    'a badge: { name, when }',
  ),
  v.check(({ permanent, repeat }) => !repeat || permanent === true, 'repeat only with permanent: true'),
);

const step = v.strictObject(
  {
    ...eventMatch,
    id: v.optional(id),
    name: v.optional(text('For people.')),
    times: v.optional(wholeNumber(1, 1_000_000_000, 'How many such events pass it; 1 unless told.')),
    weight: v.optional(wholeNumber(1, 1_000_000, 'What passing it adds to the progress; 1 unless told.')),
  },
  'a step: { on }',
);

const reward = v.strictObject(
  { resource: id, amount: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'How much.') },
  'a reward: { resource, amount }',
);

const challenge = v.pipe(
  v.strictObject(
    {
      ...described,
      steps: v.pipe(
        v.array(step, 'a list of steps'),
        v.minLength(1, 'at least one step'),
        v.maxLength(MAX_PARTS, `at most ${MAX_PARTS} steps`),
        v.readonly(),
      ),
      order: v.optional(v.picklist(['any', 'strict'], 'any or strict')),
      from: v.optional(dateTime('Events before do not count.')),
      until: v.optional(dateTime('Events from here on do not count.')),
      within: v.optional(duration('How long after the first counted event all must be done.')),
      limit: v.optional(wholeNumber(1, 1_000_000_000, 'Only the first so many players are rewarded.')),
      reward: v.optional(
        v.union(
          [reward, v.pipe(v.array(reward), v.maxLength(MAX_PARTS), v.readonly())],
          'a reward, or a list of them: { resource, amount }',
        ),
      ),
      messages: messages('step', 'completed'),
    },
    'a challenge: { name, steps }',
  ),
  v.check(({ from, until }) => !from || !until || Date.parse(from) < Date.parse(until), 'until after from'),
  v.check(({ steps }) => {
    const ids = steps.map((each, index) => each.id ?? String(index + 1));
    return new Set(ids).size === ids.length;
  }, 'steps with ids of their own'),
);

const streak = v.strictObject(
  {
    ...described,
    on: v.union(
      [
        eventType,
        v.pipe(
          v.array(eventType),
          v.minLength(1),
          v.maxLength(MAX_PARTS, `at most ${MAX_PARTS} types`),
          v.readonly(),
        ),
      ],
      'the type of an event, or a list of them',
    ),
    if: v.optional(expression('bool', true, 'Only events for which this is true.')),
    every: v.picklist(['day', 'week'], 'day or week'),
    freezes: v.optional(
      v.strictObject(
        {
          every: wholeNumber(1, 1_000, 'One is earned for so many days or weeks.'),
          max: wholeNumber(1, 1_000, 'So many can be held.'),
        },
        'freezes: { every, max }',
      ),
    ),
    messages: messages('extended'),
  },
  'a streak: { name, on, every }',
);

const feature = v.strictObject(
  { ...described, when: condition, messages: messages('granted', 'revoked') },
  'a feature: { name, when }',
);

const resource = v.strictObject(
  {
    ...described,
    rules: v.optional(rules),
    overdraft: v.optional(v.picklist(['refuse', 'negative', 'partial'], 'refuse, negative or partial')),
    messages: messages('received', 'taken'),
  },
  'a resource: { name }',
);

const product = v.strictObject(
  {
    ...described,
    price: wholeNumber(1, 1_000_000_000, "A whole number of the shop's resource."),
    limit: v.optional(wholeNumber(1, 1_000_000_000, 'Most that a user can buy, ever.')),
    stock: v.optional(wholeNumber(0, 1_000_000_000, 'Most that all users together can buy, ever.')),
  },
  'a product: { name, price }',
);

const season = v.pipe(
  v.strictObject(
    {
      name: v.optional(text('For people.')),
      from: dateTime('Its first moment.'),
      until: dateTime('The first moment behind it.'),
    },
    'a season: { from, until }',
  ),
  v.check(({ from, until }) => Date.parse(from) < Date.parse(until), 'until after from'),
);

const all = <Definition>(each: v.GenericSchema<Definition>, description: string) =>
  v.optional(
    v.pipe(
      v.record(id, each, 'an object by id'),
      v.maxEntries(MAX_MECHANICS, `at most ${MAX_MECHANICS}`),
      v.description(description),
    ),
  );

export const seasonsSchema = all(season, 'Spans of time that boards can be kept for.');

const TRAIT_RULE = 'a text of 1 to 255 characters';
const trait = v.pipe(v.string(TRAIT_RULE), v.minLength(1, TRAIT_RULE), v.maxLength(255, TRAIT_RULE));

/** What mechanics look like, for checks and, as a JSON Schema, for editors. Texts are what is allowed. */
export const mechanicsSchema = v.pipe(
  v.strictObject(
    {
      $schema: v.optional(v.string()),
      ratings: all(rating, 'Numbers per player, ranked on leaderboards.'),
      badges: all(badge, 'What is to be shown for achievements.'),
      challenges: all(challenge, 'Several things to do, with a reward for all of them.'),
      streaks: all(streak, 'Days or weeks in a row.'),
      features: all(feature, 'What is open to some players.'),
      resources: all(resource, 'Currencies of wallets.'),
      products: all(product, 'What users can buy.'),
      seasons: seasonsSchema,
      groups: v.optional(
        v.pipe(
          v.array(trait, 'a list of traits'),
          v.maxLength(MAX_PARTS, `at most ${MAX_PARTS} traits`),
          v.check((traits) => new Set(traits).size === traits.length, 'each trait once'),
          v.readonly(),
          v.description('Traits of users by whose values leaderboards can be asked for.'),
        ),
      ),
    },
    'an object with ratings, badges, challenges, streaks, features, resources, products, seasons and groups',
  ),
  v.description('The mechanics of nestjs-gamification: what events are worth.'),
) satisfies v.GenericSchema<MechanicsDefinition>;

function areInOrder(levels: readonly LevelDefinition[] = [], better: RatingDefinition['better']): boolean {
  const isOrdered = levels.every(({ from }, index) => {
    const before = levels[index - 1];
    return !before || (better === 'lower' ? from < before.from : from > before.from);
  });
  return isOrdered && new Set(levels.map(({ name }) => name)).size === levels.length;
}
