import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MechanicsDefinition } from './mechanics/definition.js';
import { MechanicsError } from './mechanics/mechanics.errors.js';
import { loadMechanics } from './mechanics-file.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mechanics-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

async function problemsOf(given: unknown): Promise<readonly string[]> {
  try {
    await loadMechanics(given as MechanicsDefinition);
    return [];
  } catch (error) {
    if (!(error instanceof MechanicsError)) throw error;
    return error.problems.map(({ path, allowed }) => `${path}: ${allowed}`);
  }
}

const YAML = `
ratings:
  xp: { name: Experience, rules: [{ on: order.placed, value: event.total / 10, limit: { times: 5, per: day } },
                                  { on: like, value: 1 }] }
badges:
  regular: { name: Regular, permanent: true, when: { on: order.placed, times: 10 } }
challenges:
  onboarding: { name: Onboarding, steps: [{ on: register, weight: 1 }, { on: order.placed, weight: 3 }],
                reward: { resource: coins, amount: 100 } }
features:
  dark-mode: { name: Dark mode, when: "ratings.xp >= 500" }
resources:
  coins: { name: Coins, rules: [{ on: order.placed, value: 2 }] }
`;

describe('mechanics from a file', () => {
  it('are what the file says, in YAML and in JSON', async () => {
    const fromYaml = await loadMechanics(file('good.yaml', YAML));
    expect(fromYaml.ratings?.xp?.rules[1]).toEqual({ on: 'like', value: 1 });
    const fromJson = await loadMechanics(file('good.json', JSON.stringify(fromYaml)));
    expect(fromJson).toEqual(fromYaml);
    expect(await loadMechanics(fromYaml)).toEqual(fromYaml);
  });

  it('are refused with everything that is wrong, each with its place in the file', async () => {
    const path = file(
      'wrong.yaml',
      [
        'ratings:',
        '  xp:',
        '    name: Experience',
        '    rules: [{ on: order.placed, value: [1] }, { value: 1 }]',
        '    decimal: 2',
        'badges:',
        '  regular: { name: Regular, repeat: true, when: { on: order.placed } }',
        '  rich: { name: Rich, when: ratings.xq > }',
        '  richer: { name: Richer, when: ratings.xq > 1, permanant: true }',
        'challenges:',
        '  first: { name: First, steps: [], reward: { resource: coins, amount: 1 } }',
      ].join('\n'),
    );
    const refusal = loadMechanics(path);
    await expect(refusal).rejects.toThrow(MechanicsError);
    await expect(refusal).rejects.toThrow(path);
    const problems = await problemsOf(path);
    expect(problems).toEqual([
      'ratings.xp.rules[0].value (line 4, column 40): a number or a CEL expression',
      expect.stringContaining('ratings.xp.rules[1].on (line 4, column 47): '),
      'ratings.xp.decimal (line 5, column 14): nothing: there is no such key',
      'badges.regular (line 7, column 12): repeat only with permanent: true',
      expect.stringContaining('badges.rich.when (line 8, column 29): a CEL expression (Unexpected token'),
      'badges.richer.when (line 9, column 33): the id of a rating that there is',
      'badges.richer.permanant (line 9, column 60): nothing: there is no such key',
      'challenges.first.steps (line 11, column 32): at least one step',
      'challenges.first.reward.resource (line 11, column 56): the id of a resource that there is',
    ]);
  });

  it.each([
    ['a file that is not there', () => join(folder, 'none.yaml'), /unreadable \(ENOENT\)/],
    ['another kind of file', () => file('mechanics.txt', ''), /of the type .txt/],
    ['a file that is too long', () => file('long.yaml', ' '.repeat(1024 * 1024 + 1)), /1048577 bytes long/],
    ['a key that stands twice', () => file('twice.yaml', 'ratings: {}\nratings: {}'), /line 2, column 1/],
    ['what is no YAML', () => file('broken.yaml', 'ratings: [1,'), /allowed: YAML/],
    ['what is no JSON', () => file('broken.json', '{"ratings": x}'), /allowed: JSON/],
    ['YAML that is called JSON', () => file('yaml.json', 'ratings: {}'), /allowed: JSON/],
    [
      'JSON in which a key stands twice',
      () => file('twice.json', '{\n"ratings": {},\n"ratings": {}}'),
      /line 3/,
    ],
    ['an unknown tag', () => file('tag.yaml', 'ratings: !secret {}'), /line 1, column 10/],
    ['an alias without an anchor', () => file('alias.yaml', 'ratings: *all'), /line 1, column 10.*\*all/],
    ['a list', () => file('list.yaml', '- 1'), /an object with ratings/],
    [
      'aliases that make much of little',
      () => {
        const bombs = Array.from({ length: 9 }, (_, i) => `  b${i}: &b${i} [${`*b${i - 1},`.repeat(9)}]`);
        return file(
          'bomb.yaml',
          ['ratings:', '  b: &b-1 [1]', ...bombs].join('\n').replaceAll('*b-1', '*b-1'),
        );
      },
      /aliases/,
    ],
  ])('are refused: %s', async (_, path, reason) => {
    await expect(loadMechanics(path())).rejects.toThrow(reason);
  });
});

describe('mechanics', () => {
  const rating = { name: 'Experience', rules: [{ on: 'order', value: 1 }] };
  const steps = [{ on: 'order' }];

  it.each<[string, unknown, string]>([
    ['an id with a dot', { ratings: { 'x.p': rating } }, 'ratings.x.p'],
    [
      'an id that every object has',
      { badges: { constructor: { name: 'B', when: 'true' } } },
      'badges.constructor',
    ],
    [
      'a type of the library',
      { ratings: { xp: { ...rating, rules: [{ on: '$identify', value: 1 }] } } },
      'rules[0].on',
    ],
    [
      'a type of more bytes than an event can have',
      { ratings: { xp: { ...rating, rules: [{ on: 'é'.repeat(128), value: 1 }] } } },
      'rules[0].on: the type of an event: a text of 1 to 255 bytes',
    ],
    [
      'levels out of order',
      {
        ratings: {
          xp: {
            ...rating,
            levels: [
              { name: 'b', from: 2 },
              { name: 'a', from: 1 },
            ],
          },
        },
      },
      'ratings.xp: levels in the order',
    ],
    [
      'an unknown resource',
      { challenges: { c: { name: 'C', steps, reward: { resource: 'coins', amount: 1 } } } },
      'challenges.c.reward.resource: the id of a resource',
    ],
    [
      'an unknown rating',
      { badges: { b: { name: 'B', when: { rating: 'xp', atLeast: 1 } } } },
      'badges.b.when.rating: the id of a rating',
    ],
    [
      'an unknown streak',
      { features: { f: { name: 'F', when: { streak: 's', length: 1 } } } },
      'features.f.when.streak: the id of a streak',
    ],
    [
      'a limit of nothing',
      { ratings: { xp: { ...rating, rules: [{ on: 'o', value: 1, limit: { per: 'day' } }] } } },
      'a limit with times, value or both',
    ],
    [
      'a cooldown in words',
      { ratings: { xp: { ...rating, rules: [{ on: 'o', value: 1, cooldown: 'a day' }] } } },
      'a whole number and a unit',
    ],
    [
      'a time without an offset',
      { challenges: { c: { name: 'C', steps, from: '2026-01-01T00:00:00' } } },
      'ISO 8601',
    ],
    [
      'an end before the beginning',
      {
        challenges: { c: { name: 'C', steps, from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' } },
      },
      'until after from',
    ],
    [
      'seasons that overlap',
      {
        seasons: {
          a: { from: '2026-01-01T00:00:00Z', until: '2026-03-01T00:00:00Z' },
          b: { from: '2026-02-01T00:00:00Z', until: '2026-04-01T00:00:00Z' },
        },
      },
      'seasons.b.from: not before the end of a',
    ],
    [
      'a broken expression',
      { features: { f: { name: 'F', when: 'ratings.xp >=' } } },
      'features.f.when: a CEL expression',
    ],
    [
      'an expression about a rating that there is not',
      { features: { f: { name: 'F', when: 'ratings.xp >= 1' } } },
      'the id of a rating',
    ],
    ['a condition about an event', { features: { f: { name: 'F', when: 'event.total > 1' } } }, 'no `event`'],
    [
      'a text for a number',
      { ratings: { xp: { ...rating, rules: [{ on: 'o', value: '"a" + "b"' }] } } },
      'needed: a number',
    ],
    [
      'a rule about what is removed',
      { ratings: { xp: { ...rating, rules: [{ on: 'o', action: 'remove', value: 1 }] } } },
      'not remove: that takes back what its create gave',
    ],
  ])('are refused with %s', async (_, given, problem) => {
    expect((await problemsOf(given)).join('\n')).toContain(problem);
  });

  it('may be empty', async () => {
    expect(await problemsOf({})).toEqual([]);
  });
});
