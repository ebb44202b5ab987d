import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { problemsOfSamples, samplesOf } from './support/samples.js';

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string) => readFileSync(pathOf(path), 'utf8');
const guide = read('libs/gamification/README.md');
const quoted = [...guide.matchAll(/<!-- (\S+) -->\n\n```ts\n(.*?)```/gs)];

describe('the guide', () => {
  it.each(quoted.map(([, path, code]) => ({ path: path ?? '', code })))(
    'quotes $path as it is',
    ({ path, code }) => {
      expect(code).toBe(read(path));
    },
  );

  it('quotes the adapters for other database libraries', () => {
    expect(quoted).toHaveLength(3);
  });
});

describe('the samples of the documents', () => {
  const pages = readdirSync(pathOf('libs/gamification/docs')).map((name) => `libs/gamification/docs/${name}`);
  const documents = [
    'README.md',
    'libs/gamification/README.md',
    'libs/gamification-server/README.md',
    ...pages,
  ];
  const samples = documents.flatMap((path) => samplesOf(path, read(path)));

  it("compile, but for names of the reader's own application", () => {
    expect(samples.length).toBeGreaterThan(20);
    expect(problemsOfSamples(samples)).toEqual([]);
  }, 120_000);

  it.each([
    [
      'an option that there is not',
      "GamificationModule.forRoot({ gmfy: { apiKey: '', url: '', evnts: true } });",
    ],
    ['a piece of a class', 'constructor(private readonly gmfy: GmfyService) {}\nawait this.gmfy.getUsers();'],
    ['a method that there is not', 'const use = (gmfy: GmfyService) => gmfy.getUserz();'],
  ])(
    'would not compile with %s',
    (_, code) => {
      expect(problemsOfSamples([{ place: 'page.md:1', code }])[0]).toMatch(/^page.md:1: /);
    },
    120_000,
  );
});
