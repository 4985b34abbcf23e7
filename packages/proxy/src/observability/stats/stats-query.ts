/** What a reader of stats asks for: the parameters of /stats, checked. */
import type { StatsRegistry } from "./registry.ts";

export type HistogramMode = "cumulative" | "disjoint" | "detailed" | "summary";
export type StatType = "All" | "Counters" | "Gauges" | "Histograms" | "TextReadouts";
const TYPES: readonly string[] = ["All", "Counters", "Gauges", "Histograms", "TextReadouts"];

export interface StatsQuery {
  readonly usedOnly: boolean;
  readonly type: StatType;
  /** Null when the request named none. */
  readonly histogramMode: HistogramMode | null;
  /** Whether a name is shown; null for all. */
  readonly accepts: ((name: string) => boolean) | null;
  readonly textReadouts: boolean;
}

/** Compiles RE2 syntax to a test whether it is found in a name; throws with RE2's reason. */
export type CompileFilter = (pattern: string) => (name: string) => boolean;

/** The query, or the text of a 400 reply. */
export function parseStatsQuery(
  params: URLSearchParams,
  compile: CompileFilter,
): StatsQuery | string {
  const type = params.get("type") ?? "All";
  const known = TYPES.find((name) => name.toLowerCase() === type.toLowerCase());
  if (known === undefined) return "invalid &type= param";
  const histogramMode = parseMode(params.get("histogram_buckets"));
  if (histogramMode === undefined) {
    return "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary|prometheusnative)\n";
  }
  let accepts: StatsQuery["accepts"] = null;
  const filter = params.get("filter");
  if (filter) {
    try {
      accepts = compile(filter);
    } catch (error) {
      return `Invalid re2 regex: ${(error as Error).message}`;
    }
    if (params.has("invert_filter")) accepts = inverted(accepts);
  }
  return {
    usedOnly: params.has("usedonly"),
    type: known as StatType,
    histogramMode,
    accepts,
    textReadouts: params.has("text_readouts"),
  };
}

function parseMode(text: string | null): HistogramMode | null | undefined {
  switch (text) {
    case null:
    case "":
    case "none":
      return null;
    case "cumulative":
    case "disjoint":
    case "detailed":
    case "summary":
      return text;
    default:
      return undefined;
  }
}

function inverted(accepts: (name: string) => boolean): (name: string) => boolean {
  return (name) => !accepts(name);
}

interface Named {
  readonly name: string;
  isUsed(): boolean;
}

/** The stats of one map that the query wants, by name. */
export function selectStats<T extends Named>(stats: Map<string, T>, query: StatsQuery): T[] {
  const chosen: T[] = [];
  for (const stat of stats.values()) {
    if (query.usedOnly && !stat.isUsed()) continue;
    if (query.accepts !== null && !query.accepts(stat.name)) continue;
    chosen.push(stat);
  }
  return chosen.sort(byName);
}

/** Text readouts that the query wants, by name. */
export function selectTexts(registry: StatsRegistry, query: StatsQuery): [string, string][] {
  return [...registry.textReadouts]
    .filter(([name, value]) => (!query.usedOnly || value !== "") && (query.accepts?.(name) ?? true))
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

export function wants(query: StatsQuery, type: StatType): boolean {
  return query.type === "All" || query.type === type;
}

function byName(a: Named, b: Named): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Counters, gauges and text readouts as one sorted list of name and value. */
export function selectScalars(
  registry: StatsRegistry,
  query: StatsQuery,
): [name: string, value: number | string][] {
  const rows: [string, number | string][] = [];
  if (wants(query, "Counters")) {
    for (const stat of selectStats(registry.counters, query)) rows.push([stat.name, stat.value]);
  }
  if (wants(query, "Gauges")) {
    for (const stat of selectStats(registry.gauges, query)) rows.push([stat.name, stat.value]);
  }
  if (wants(query, "TextReadouts")) rows.push(...selectTexts(registry, query));
  return rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
}
