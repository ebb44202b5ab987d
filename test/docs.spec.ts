import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
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
