/** Stats as `name: value` lines, as GET /stats prints them. */
import { type Bin, DEFAULT_BUCKETS, type HistogramData, QUANTILES } from "./histogram-bins.ts";
import { printShort } from "./numbers.ts";
import type { HistogramSnapshot, StatsRegistry } from "./registry.ts";
import { type StatsQuery, selectScalars, selectStats, wants } from "./stats-query.ts";

export function renderText(registry: StatsRegistry, query: StatsQuery): string {
  let text = "";
  for (const [name, value] of selectScalars(registry, query)) {
    text += typeof value === "string" ? `${name}: "${value}"\n` : `${name}: ${value}\n`;
  }
  if (!wants(query, "Histograms")) return text;
  for (const histogram of selectStats(registry.histograms, query)) {
    text += `${histogram.name}:${renderHistogram(histogram, query)}\n`;
  }
  return text;
}

function renderHistogram(histogram: HistogramSnapshot, query: StatsQuery): string {
  if (!histogram.isUsed()) return " No recorded values";
  switch (query.histogramMode) {
    case "cumulative":
    case "disjoint":
      return ` ${buckets(histogram, query.histogramMode === "disjoint")}`;
    case "detailed":
      return `\n  totals=${bins(histogram.cumulative.bins)}\n  intervals=${bins(histogram.interval.bins)}\n  summary=${summary(histogram)}`;
    default:
      return ` ${summary(histogram)}`;
  }
}

/** `P0(interval,cumulative) P25(…) …` */
function summary({ interval, cumulative }: HistogramSnapshot): string {
  return QUANTILES.map(
    (q) => `P${q}(${quantileText(interval, q)},${quantileText(cumulative, q)})`,
  ).join(" ");
}

function quantileText(data: HistogramData, percent: number): string {
  const value = data.quantile(percent);
  return Number.isNaN(value) ? "nan" : String(value);
}

function buckets({ interval, cumulative }: HistogramSnapshot, isDisjoint: boolean): string {
  let lastInterval = 0;
  let lastCumulative = 0;
  return DEFAULT_BUCKETS.map((bound) => {
    const inInterval = interval.countUpTo(bound);
    const inAll = cumulative.countUpTo(bound);
    const text = `B${printShort(bound)}(${inInterval - lastInterval},${inAll - lastCumulative})`;
    if (isDisjoint) {
      lastInterval = inInterval;
      lastCumulative = inAll;
    }
    return text;
  }).join(" ");
}

function bins(all: readonly Bin[]): string {
  return all.map(({ lower, width, count }) => `${lower},${width}:${count}`).join(", ");
}
