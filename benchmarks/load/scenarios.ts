/** What is measured. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type HttpFilter, typescriptFilter, wasmFilter } from "./config.ts";
import type { Load } from "./load.ts";
import type { ProxyName } from "./processes.ts";

const root = join(import.meta.dirname, "..", "..");
const goPlugin = join(root, ".cache", "plugins", "go", "bench.wasm");

export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly load: Load;
  readonly filters: Readonly<Record<ProxyName, readonly HttpFilter[]>>;
  /** What it adds to `plain` is reported, too. */
  readonly isAddition: boolean;
  /** Aim: Legate's share of Envoy's CPU time, of the addition where it is one; null without. */
  readonly aim: number | null;
  /** Null, or why it can't run here. */
  readonly missing: string | null;
}

const none: Scenario["filters"] = { envoy: [], legate: [] };
const both = (filter: HttpFilter): Scenario["filters"] => ({ envoy: [filter], legate: [filter] });
const small: Load = { path: "/", connections: 64 };

export const scenarios: readonly Scenario[] = [
  {
    name: "plain",
    what: "small GET, HTTP/1.1, 64 connections",
    load: small,
    filters: none,
    isAddition: false,
    aim: 0.6,
    missing: null,
  },
  {
    name: "response-1mib",
    what: "responses of 1 MiB, 16 connections",
    load: { path: "/big", connections: 16 },
    filters: none,
    isAddition: false,
    aim: 1.2,
    missing: null,
  },
  {
    name: "request-1mib",
    what: "requests of 1 MiB, 16 connections",
    load: {
      path: "/",
      connections: 16,
      script: join(import.meta.dirname, "scripts", "post.lua"),
    },
    filters: none,
    isAddition: false,
    aim: 1.2,
    missing: null,
  },
  {
    name: "go-plugin",
    what: "plain, with a Go plugin that reads all headers and adds one, each way",
    load: small,
    filters: both(wasmFilter(goPlugin)),
    isAddition: true,
    aim: 0.6,
    missing: existsSync(goPlugin) ? null : "build it: node tools/run.mjs tests/plugins/build.ts",
  },
  {
    name: "typescript-filter",
    what: "plain, with a TypeScript filter that adds a header each way (Envoy: without)",
    load: small,
    filters: {
      envoy: [],
      legate: [typescriptFilter(join(import.meta.dirname, "header-filter.ts"))],
    },
    isAddition: true,
    aim: null,
    missing: null,
  },
];
