import { beforeEach, describe, expect, it } from '@jest/globals';
import { SignInLimits } from './sign-in-limits.js';

describe('SignInLimits', () => {
  let limits: SignInLimits;

  beforeEach(() => {
    limits = new SignInLimits();
  });

  const guesses = async (user: string, address: string, count: number) => {
    const allowed = await Promise.all(Array.from({ length: count }, () => limits.guess(user, address)));
    return allowed.filter(Boolean).length;
  };
  const begins = async (addresses: readonly string[]) => {
    const allowed = await Promise.all(addresses.map((address) => limits.begin(address)));
    return allowed.filter(Boolean).length;
  };

  it('lets a name be guessed a few times from each place, and a hundred times from all', async () => {
    expect(await guesses('ada', '192.0.2.1', 9)).toBe(5);
    expect(await guesses('bob', '192.0.2.1', 9)).toBe(5);
    let sum = 5;
    for (let place = 2; place <= 30; place++) sum += await guesses('ada', `192.0.2.${place}`, 9);
    expect(sum).toBe(100);
  });

  it('counts no guess that was right', async () => {
    for (let times = 0; times < 200; times++) {
      expect(await limits.guess('ada', '192.0.2.1')).toBe(true);
      await limits.forgive('ada', '192.0.2.1');
    }
    expect(await guesses('ada', '192.0.2.1', 9)).toBe(5);
  });

  it('takes a site for one place, because who has one has all of its addresses', async () => {
    let sum = 0;
    for (let network = 0; network < 9; network++) sum += await guesses('ada', `2001:db8:0:${network}::1`, 1);
    expect(sum).toBe(5);
    expect(await guesses('ada', '2001:db8:1::1', 9)).toBe(5);
    expect(await guesses('ada', '::ffff:192.0.2.1', 3)).toBe(3);
    expect(await guesses('ada', '192.0.2.1', 9)).toBe(2);
  });

  it.each([
    ['ports that a proxy names', (index: number) => `192.0.2.1:${index + 1_024}`],
    ['ports after an IPv6 address', (index: number) => `[2001:db8::1]:${index + 1_024}`],
    ['what is no address', (index: number) => `x${index}`.repeat(index)],
    ['addresses of one IPv6 network', (index: number) => `2001:db8::${index}`],
  ])('counts %s together', async (_, addressOf) => {
    expect(await begins(Array.from({ length: 60 }, (_, index) => addressOf(index)))).toBe(50);
  });

  it.each([
    ['addresses', (index: number) => `192.0.2.${index}`],
    ['addresses with ports', (index: number) => `192.0.2.${index}:1024`],
    ['IPv6 networks', (index: number) => `2001:db8:0:${index}::1`],
    ['IPv6 networks with ports', (index: number) => `[2001:db8:0:${index}::1]:1024`],
  ])('tells %s apart', async (_, addressOf) => {
    expect(await begins(Array.from({ length: 60 }, (_, index) => addressOf(index)))).toBe(60);
  });
});
