/** GET /stats and /stats/prometheus. */
import { renderJson } from "../../../observability/stats/render-json.ts";
import { renderPrometheus } from "../../../observability/stats/render-prometheus.ts";
import { renderText } from "../../../observability/stats/render-text.ts";
import { parseStatsQuery } from "../../../observability/stats/stats-query.ts";
import { type AdminEndpoint, type AdminReply, textReply } from "../endpoint.ts";
import type { AdminSources } from "../sources.ts";

const USAGE = "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n";

function reply(sources: AdminSources, params: URLSearchParams, format: string): AdminReply {
  const query = parseStatsQuery(params, sources.compileRegex);
  if (typeof query === "string") return textReply(query, 400);
  sources.updateStats();
  switch (format) {
    case "prometheus":
      return textReply(renderPrometheus(sources.stats, query, sources.fixedTags));
    case "json":
      return textReply(renderJson(sources.stats, query), 200, "application/json");
    case "text":
      return textReply(renderText(sources.stats, query));
    default:
      return textReply(USAGE, 400);
  }
}

export const stats: AdminEndpoint = {
  path: "/stats",
  method: "GET",
  help: "print server stats",
  parameters: [
    ["usedonly", "Only include stats that have been written by system since restart"],
    ["filter", "Regular expression (Google re2) for filtering stats"],
    ["invert_filter", "Invert the filter regex"],
    ["format", "Format to use; One of (text, json, prometheus)"],
    ["type", "Stat types to include.; One of (All, Counters, Histograms, Gauges, TextReadouts)"],
    [
      "histogram_buckets",
      "Histogram bucket display mode; One of (cumulative, disjoint, detailed, summary)",
    ],
  ],
  handle: (sources, params) => reply(sources, params, params.get("format") ?? "text"),
};

export const prometheus: AdminEndpoint = {
  path: "/stats/prometheus",
  method: "GET",
  help: "print server stats in prometheus format",
  handle: (sources, params) => reply(sources, params, "prometheus"),
};
