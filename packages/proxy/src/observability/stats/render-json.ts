/** Stats as GET /stats?format=json prints them. */
import { type Bin, DEFAULT_BUCKETS, QUANTILES } from "./histogram-bins.ts";
import { printShortest } from "./numbers.ts";
import type { HistogramSnapshot, StatsRegistry } from "./registry.ts";
import { type StatsQuery, selectScalars, selectStats, wants } from "./stats-query.ts";

export function renderJson(registry: StatsRegistry, query: StatsQuery): string {
  const parts: string[] = [];
  for (const [name, value] of selectScalars(registry, query)) {
    parts.push(`{"name":${JSON.stringify(name)},"value":${JSON.stringify(value)}}`);
  }
  const histograms = wants(query, "Histograms") ? selectStats(registry.histograms, query) : [];
  if (histograms.length > 0) parts.push(`{"histograms":${renderHistograms(histograms, query)}}`);
  return `{"stats":[${parts.join(",")}]}`;
}

function renderHistograms(histograms: HistogramSnapshot[], query: StatsQuery): string {
  switch (query.histogramMode) {
    case "cumulative":
    case "disjoint": {
      const isDisjoint = query.histogramMode === "disjoint";
      return `[${histograms.map((h) => `${named(h)},"buckets":[${buckets(h, isDisjoint)}]}`)}]`;
    }
    case "detailed": {
      const details = histograms.map(
        (h) =>
          `${named(h)},"totals":[${bins(h.cumulative.bins)}],"intervals":[${bins(h.interval.bins)}],"percentiles":[${quantiles(h)}]}`,
      );
      return `{"supported_percentiles":[${QUANTILES}],"details":[${details}]}`;
    }
    default: {
      const computed = histograms.map((h) => `${named(h)},"values":[${quantiles(h)}]}`);
      return `{"supported_quantiles":[${QUANTILES}],"computed_quantiles":[${computed}]}`;
    }
  }
}

function named(histogram: HistogramSnapshot): string {
  return `{"name":${JSON.stringify(histogram.name)}`;
}

function quantiles({ interval, cumulative }: HistogramSnapshot): string {
  return QUANTILES.map(
    (q) =>
      `{"cumulative":${printShortest(cumulative.quantile(q))},"interval":${printShortest(interval.quantile(q))}}`,
  ).join(",");
}

function bins(all: readonly Bin[]): string {
  return all
    .map(
      ({ lower, width, count }) =>
        `{"lower_bound":${printShortest(lower)},"width":${printShortest(width)},"count":${count}}`,
    )
    .join(",");
}

function buckets({ interval, cumulative }: HistogramSnapshot, isDisjoint: boolean): string {
  let lastInterval = 0;
  let lastCumulative = 0;
  return DEFAULT_BUCKETS.map((bound) => {
    const inInterval = interval.countUpTo(bound);
    const inAll = cumulative.countUpTo(bound);
    const text = `{"upper_bound":${printShortest(bound)},"interval":${inInterval - lastInterval},"cumulative":${inAll - lastCumulative}}`;
    if (isDisjoint) {
      lastInterval = inInterval;
      lastCumulative = inAll;
    }
    return text;
  }).join(",");
}
