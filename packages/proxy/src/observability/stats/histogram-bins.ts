/**
 * The log-linear bins of a histogram: two significant digits, so 90 bins per power of ten, as in
 * circllhist, which Envoy uses. A bin [lower, lower + width) is numbered decade * 90 + digits - 10.
 */

export const BINS_PER_DECADE = 90;
/** Values from 1e-6 on; smaller ones count as zero. */
export const MIN_DECADE = -6;
/** Values from 1e16 on count in the last bin. */
export const MAX_DECADE = 15;
export const DECADES = MAX_DECADE - MIN_DECADE + 1;

const POWERS: readonly number[] = Array.from({ length: DECADES + 1 }, (_, i) =>
  Number(`1e${i + MIN_DECADE}`),
);

/** Power of ten of a value > 0, limited to the supported ones; below the least one MIN_DECADE - 1. */
export function decadeOf(value: number): number {
  if (value >= 1) {
    let decade = 0;
    while (decade < MAX_DECADE && value >= POWERS[decade + 1 - MIN_DECADE]!) decade++;
    return decade;
  }
  let decade = -1;
  while (decade >= MIN_DECADE && value < POWERS[decade - MIN_DECADE]!) decade--;
  return decade;
}

/** Place of a value within its decade, 0 to 89. */
export function binInDecade(value: number, decade: number): number {
  // The tiny factor keeps 0.3 (3 * 1e-1 less an ulp) in its own bin.
  const digits = Math.floor((value / POWERS[decade - MIN_DECADE]!) * 10 * (1 + 1e-12));
  return digits >= 99 ? 89 : digits <= 10 ? 0 : digits - 10;
}

/** One filled bin of a summary. */
export interface Bin {
  readonly lower: number;
  readonly width: number;
  readonly count: number;
}

export function binAt(decade: number, bin: number, count: number): Bin {
  const lower = Number(`${bin + 10}e${decade - 1}`);
  return { lower, width: Number(`1e${decade - 1}`), count };
}

/** The quantiles that Envoy prints, as percentages. */
export const QUANTILES: readonly number[] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];

/** Default upper bounds of buckets. Source: source/common/stats/histogram_impl.cc. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
  1800000, 3600000,
];

/** A distribution as read at one flush. */
export class HistogramData {
  readonly bins: readonly Bin[];
  readonly count: number;
  readonly sum: number;

  /** `bins` in ascending order. */
  constructor(bins: readonly Bin[], sum: number) {
    this.bins = bins;
    this.sum = sum;
    let count = 0;
    for (const bin of bins) count += bin.count;
    this.count = count;
  }

  /** The value below which `percent` of the values lie, spread evenly in its bin; NaN when empty. */
  quantile(percent: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil((percent * this.count) / 100));
    let before = 0;
    for (const bin of this.bins) {
      if (before + bin.count >= rank) {
        return bin.lower + (bin.width * (rank - before)) / (bin.count + 1);
      }
      before += bin.count;
    }
    return Number.NaN;
  }

  /** Values in bins that begin at or below `bound`. */
  countUpTo(bound: number): number {
    let count = 0;
    for (const bin of this.bins) {
      if (bin.lower > bound) break;
      count += bin.count;
    }
    return count;
  }
}

export const EMPTY_HISTOGRAM = new HistogramData([], 0);
