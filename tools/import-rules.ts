/** Who may import whom. Checked by tools/check.ts; a row that nothing uses fails too. */

/** Between packages: name → packages that it may import by their public entries. */
export const PACKAGE_RULES: Readonly<Record<string, readonly string[]>> = {
  "envoy-api": [],
  "filter-sdk": [],
  "proxy-wasm": [],
  proxy: ["envoy-api", "filter-sdk", "proxy-wasm"],
  cli: ["proxy"],
};

/**
 * Inside packages/proxy/src: folder → folders that it may import, itself always included.
 * Imports point the way the request flows; responses come back through interfaces of the stage called.
 */
export const STAGE_RULES: Readonly<Record<string, readonly string[]>> = {
  "event-loop": [],
  network: ["event-loop", "http"],
  http: ["extension.ts"],
  observability: ["http", "extension.ts"],
  upstream: ["network", "http", "event-loop", "extension.ts"],
  router: ["upstream", "http", "filters", "extension.ts"],
  filters: ["http", "router", "upstream", "extension.ts"],
  downstream: [
    "filters",
    "router",
    "upstream",
    "http",
    "network",
    "event-loop",
    "extension.ts",
    "observability",
  ],
  server: [
    "downstream",
    "filters",
    "router",
    "upstream",
    "http",
    "network",
    "event-loop",
    "observability",
    "extension.ts",
    "extensions.ts",
  ],
};
