/** Stats in Prometheus' text format, tags as labels, as GET /stats/prometheus prints them. */
import { DEFAULT_BUCKETS, QUANTILES } from "./histogram-bins.ts";
import type { HistogramSnapshot, StatsRegistry } from "./registry.ts";
import { type StatsQuery, selectStats, selectTexts, wants } from "./stats-query.ts";
import { extractTags, type FixedTags } from "./tags.ts";

/** Names under this prefix (Proxy-Wasm metrics) are exported bare, without `envoy_`. */
const CUSTOM_NAMESPACE = "wasmcustom.";

interface Sample<T> {
  readonly labels: string;
  readonly stat: T;
}

export function renderPrometheus(
  registry: StatsRegistry,
  query: StatsQuery,
  fixed: FixedTags = [],
): string {
  let text = "";
  if (wants(query, "Counters")) {
    const families = group(selectStats(registry.counters, query), fixed);
    text += renderFamilies(families, "counter", plainSample);
  }
  if (wants(query, "Gauges")) {
    const families = group(selectStats(registry.gauges, query), fixed);
    text += renderFamilies(families, "gauge", plainSample);
  }
  if (query.textReadouts && wants(query, "TextReadouts")) {
    const texts = selectTexts(registry, query).map(([name, value]) => ({ name, text: value }));
    text += renderFamilies(group(texts, fixed), "gauge", textSample);
  }
  if (wants(query, "Histograms")) {
    const families = group(selectStats(registry.histograms, query), fixed);
    text +=
      query.histogramMode === "summary"
        ? renderFamilies(families, "summary", summarySample)
        : renderFamilies(families, "histogram", histogramSample);
  }
  return text;
}

/** Stats of one name without tags belong together, whatever lay between them. */
function group<T extends { name: string }>(stats: T[], fixed: FixedTags): Map<string, Sample<T>[]> {
  const families = new Map<string, Sample<T>[]>();
  for (const stat of stats) {
    const { name, tags } = extractTags(stat.name, fixed);
    const metric = metricName(name);
    const labels = tags.map((tag) => `${sanitize(tag.name)}="${escapeValue(tag.value)}"`).join(",");
    const family = families.get(metric);
    if (family === undefined) families.set(metric, [{ labels, stat }]);
    else family.push({ labels, stat });
  }
  return families;
}

function renderFamilies<T>(
  families: Map<string, Sample<T>[]>,
  type: string,
  render: (metric: string, labels: string, stat: T) => string,
): string {
  let text = "";
  for (const metric of [...families.keys()].sort()) {
    text += `# TYPE ${metric} ${type}\n`;
    for (const { labels, stat } of families.get(metric)!) text += render(metric, labels, stat);
  }
  return text;
}

function plainSample(metric: string, labels: string, stat: { value: number }): string {
  return `${metric}{${labels}} ${stat.value}\n`;
}

function textSample(metric: string, labels: string, stat: { text: string }): string {
  const all = labels === "" ? "" : `${labels},`;
  return `${metric}{${all}text_value="${escapeValue(stat.text)}"} 0\n`;
}

function histogramSample(metric: string, labels: string, stat: HistogramSnapshot): string {
  const { cumulative } = stat;
  const all = labels === "" ? "" : `${labels},`;
  let text = "";
  for (const bound of DEFAULT_BUCKETS) {
    text += `${metric}_bucket{${all}le="${bound}"} ${cumulative.countUpTo(bound)}\n`;
  }
  text += `${metric}_bucket{${all}le="+Inf"} ${cumulative.count}\n`;
  return text + totals(metric, labels, stat);
}

function summarySample(metric: string, labels: string, stat: HistogramSnapshot): string {
  const all = labels === "" ? "" : `${labels},`;
  let text = "";
  for (const q of QUANTILES) {
    const value = stat.interval.quantile(q);
    text += `${metric}{${all}quantile="${q / 100}"} ${Number.isNaN(value) ? "nan" : value}\n`;
  }
  return text + totals(metric, labels, stat);
}

// Envoy differs: its sum is estimated from the bins; this one is exact.
function totals(metric: string, labels: string, { cumulative }: HistogramSnapshot): string {
  return `${metric}_sum{${labels}} ${cumulative.sum}\n${metric}_count{${labels}} ${cumulative.count}\n`;
}

function metricName(name: string): string {
  if (name.startsWith(CUSTOM_NAMESPACE)) return sanitize(name.slice(CUSTOM_NAMESPACE.length));
  return `envoy_${sanitize(name)}`;
}

function sanitize(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
