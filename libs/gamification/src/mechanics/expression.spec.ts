import { describe, expect, it } from '@jest/globals';
import { Expression, ExpressionError, type Inputs } from './expression.js';

const compile = Expression.compiler();
const inputs: Inputs = {
  event: { total: 845, drink: 'latte', tags: ['hot', 'milk'], note: null },
  player: { plan: 'gold' },
  ratings: { xp: 500, 'second-one': 3 },
  balances: { coins: 7 },
  counts: { 'order.placed': 10 },
  streaks: { visits: 4 },
};

describe('Expression', () => {
  it.each<[string, number]>([
    ['event.total / 10', 84.5],
    ['event.total + 1', 846],
    ['10 * event.total', 8450],
    ['event.total - 0.5', 844.5],
    ['event.total % 100', 45],
    ['ratings.xp / 100 + balances.coins', 12],
    ['ratings["second-one"]', 3],
    ['size(event.tags)', 2],
    ['event.total > 500 ? 2 : 1', 2],
    ['event.missing * 2', 0],
  ])('%s is %p', (text, value) => {
    expect(compile(text, 'number').number(inputs)).toBe(value);
  });

  it.each<[string, boolean]>([
    ['event.total > 100 && event.drink == "latte"', true],
    ['event.total >= 845.5', false],
    ['player.plan == "gold"', true],
    ['player.team == "red"', false],
    ['has(event.coupon) && event.coupon == "x"', false],
    ['counts["order.placed"] >= 10', true],
    ['streaks.visits == 4', true],
    ['"hot" in event.tags', true],
    ['event.tags.exists(tag, tag == "milk")', true],
    ['event.drink.startsWith("la")', true],
  ])('%s is %p', (text, value) => {
    expect(compile(text, 'bool').test(inputs)).toBe(value);
  });

  it('tells which inputs it names', () => {
    const { reads } = compile('ratings.xp > counts["a.b"] + balances.coins && event.total > 1', 'bool');
    expect([...reads.ratings, ...reads.counts, ...reads.balances]).toEqual(['xp', 'a.b', 'coins']);
    expect(reads).toMatchObject({ event: true, player: false });
  });

  it.each([
    ['1 +', 'bool', /Unexpected/],
    ['foo > 1', 'bool', /Unknown variable: foo/],
    ['size(event.drink)', 'bool', /needed: true or false/],
    ['"a" + "b"', 'number', /needed: a number/],
    ['event.name.matches("(a+)+$")', 'bool', /matches\(\) is not allowed/],
    ['event.a.all(x, event.a.exists(y, y > x))', 'bool', /not allowed inside another/],
    ['ratings == ratings', 'bool', /followed by a key/],
    ['counts["constructor"] > 0', 'bool', /a name that every object has/],
    ['process.exit()', 'bool', /Unknown variable: process/],
    ['event.constructor("return 1")()', 'bool', /./],
    [`${'1 + '.repeat(200)}1 > 0`, 'bool', /./],
  ] as const)('%s is refused', (text, result, reason) => {
    expect(() => compile(text, result)).toThrow(ExpressionError);
    expect(() => compile(text, result)).toThrow(reason);
  });

  it('reaches nothing that its inputs only inherit', () => {
    for (const text of ['event.constructor == 1', 'event.__proto__ == 1', 'event["toString"] == 1']) {
      expect(compile(text, 'bool').test(inputs)).toBe(false);
    }
  });

  it.each(['event.drink > 5', 'event.note + 1 > 0'])('%s cannot be computed', (text) => {
    expect(() => compile(text, 'bool').test(inputs)).toThrow(ExpressionError);
  });

  it.each(['event.drink', 'event.total / 0'])('%s is no number', (text) => {
    expect(() => compile(text, 'number').number(inputs)).toThrow(/needed: a number/);
  });
});
