/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return (low + high) / 2;
}

/** What a contestant measured, by repeat. */
export type Series<Name extends string, Sample> = Readonly<Record<Name, readonly Sample[]>>;

/**
 * Lets every contestant run once in each repeat, one after another, so that a noisy minute hits all of them. Who begins
 * changes with the repeat.
 */
export async function alternate<Name extends string, Sample>(
  repeats: number,
  contestants: readonly Name[],
  run: (contestant: Name) => Promise<Sample>,
): Promise<Series<Name, Sample>> {
  const samples = Object.fromEntries(contestants.map((name) => [name, []])) as unknown as Record<
    Name,
    Sample[]
  >;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const first = repeat % contestants.length;
    for (const name of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      samples[name].push(await run(name));
    }
  }
  return samples;
}

/** The ratio of two contestants in each repeat. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((value, repeat) => value / (denominators[repeat] ?? Number.NaN));
}

/** Runs `work` and says how many seconds it took. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
