import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Limiter } from './limiter.js';

describe('Limiter', () => {
  let limiter: Limiter;

  beforeEach(() => {
    jest.useFakeTimers();
    limiter = new Limiter({ points: 2, duration: 60, maxKeys: 2 });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const tries = async (key: string, count: number) => {
    const taken = await Promise.all(Array.from({ length: count }, () => limiter.take(key)));
    return taken.filter(Boolean).length;
  };

  it('gives each key its tries, also at once, until its time is over', async () => {
    expect(await tries('a', 5)).toBe(2);
    expect(await tries('b', 5)).toBe(2);
    jest.advanceTimersByTime(59_999);
    expect(await tries('a', 1)).toBe(0);
    jest.advanceTimersByTime(2);
    expect(await tries('a', 5)).toBe(2);
  });

  it('gives a try back while it counts, and no more than that', async () => {
    await limiter.take('a');
    await limiter.giveBack('a');
    await limiter.giveBack('a');
    expect(await tries('a', 5)).toBe(2);
    jest.advanceTimersByTime(60_001);
    await limiter.giveBack('a');
    await limiter.giveBack('b');
    expect([await tries('a', 5), await tries('b', 5)]).toEqual([2, 2]);
  });

  it('keeps so many keys, and forgets the one that began first', async () => {
    await tries('a', 3);
    jest.advanceTimersByTime(60_001);
    await tries('b', 3);
    await tries('a', 3);
    await tries('c', 3);
    expect([await tries('a', 1), await tries('c', 1)]).toEqual([0, 0]);
    expect(await tries('b', 1)).toBe(1);
    expect(await tries('a', 1)).toBe(1);
  });
});
