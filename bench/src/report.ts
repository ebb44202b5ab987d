import { median, ratios } from './measure.js';

/** One figure of one contestant, by repeat. */
export interface Figure {
  readonly bench: string;
  readonly contestant: string;
  readonly metric: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** What it is compared with. Above 1 is better for the contestant. */
  readonly against?: {
    readonly contestant: string;
    readonly samples: readonly number[];
    /** Whether a smaller figure is the better one. */
    readonly lessIsBetter?: boolean;
    /** The least ratio that is asked for. */
    readonly target?: number;
  };
}

const COLUMNS = [
  'contestant',
  'metric',
  'median',
  'lowest',
  'highest',
  'unit',
  'ratio',
  'of',
  'target',
] as const;

/** Prints figures as a table, and then each as a line of JSON. A ratio is the median of the ratios of the repeats. */
export function report(title: string, figures: readonly Figure[]): void {
  const lines = figures.map(evaluate);
  const rows = lines.map((line) => [
    line.contestant,
    line.metric,
    short(line.median),
    short(line.lowest),
    short(line.highest),
    line.unit,
    short(line.ratio),
    line.against ?? '',
    line.target === undefined ? '' : `${line.target} ${line.met ? 'met' : 'MISSED'}`,
  ]);
  const table = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${title}\n`);
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  console.log();
  for (const line of lines) console.log(JSON.stringify(line));
}

function evaluate({ bench, contestant, metric, unit, samples, against }: Figure) {
  const common = {
    bench,
    contestant,
    metric,
    median: round(median(samples)),
    lowest: round(Math.min(...samples)),
    highest: round(Math.max(...samples)),
    unit,
  };
  if (!against)
    return common as typeof common & { against?: string; ratio?: number; target?: number; met?: boolean };
  const { target } = against;
  const ratio = median(
    against.lessIsBetter ? ratios(against.samples, samples) : ratios(samples, against.samples),
  );
  return {
    ...common,
    against: against.contestant,
    ratio: round(ratio),
    ...(target === undefined ? {} : { target, met: ratio >= target }),
  };
}

/** Four significant digits, and no fewer than the whole number has. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}

function short(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en');
}
