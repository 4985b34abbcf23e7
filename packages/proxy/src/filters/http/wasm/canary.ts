/**
 * Tries a plugin on the main thread before workers get it: a module that can't start, or a plugin that
 * refuses its configuration, rejects the configuration whatever the failure policy.
 */
import type { Clusters, StatsScope } from "@legate/filter-sdk";
import { SharedDataStore, SharedQueueStore } from "@legate/proxy-wasm";
import type { ConfigContext } from "../../../extension.ts";
import { sharedDataName, sharedQueuesName, type WasmPluginConfig } from "./plugin-config.ts";
import type { PluginThread } from "./plugin-thread.ts";
import { ThreadPlugins } from "./plugins.ts";

/** True if the plugin starts and accepts its configuration; what is wrong stands in the log. */
export function tryPlugin(config: WasmPluginConfig, context: ConfigContext): boolean {
  const plugins = new ThreadPlugins(canaryThread(config, context));
  const isGood = plugins.plugin(config).liveRoot() !== null;
  plugins.shutdown();
  return isGood;
}

function canaryThread(config: WasmPluginConfig, context: ConfigContext): PluginThread {
  const data = new SharedDataStore(context.shareMemory(sharedDataName(config.vmId), 0));
  return {
    // Nothing fires: the canary ends before any event.
    timers: { start: () => ({ stop: () => {}, restart: () => {} }) },
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    random: Math.random,
    log: context.logger("wasm"),
    stats: UNCOUNTED,
    clusters: unansweredCalls(context),
    node: context.node,
    listenerDirection: 0,
    sharedData: () => data,
    sharedQueues: new SharedQueueStore(context.shareMemory(sharedQueuesName, 0)),
  };
}

/** The canary is gone before an answer could come. */
function unansweredCalls(context: ConfigContext): Clusters {
  return {
    has: (name) => context.isKnownCluster(name),
    httpCall: (request) =>
      context.isKnownCluster(request.cluster) ? { isRefused: false, cancel: () => {} } : null,
  };
}

/** Counts for nobody: the canary's metrics are not the proxy's. */
const UNCOUNTED: StatsScope = {
  prefix: "",
  counter: () => ({ inc: () => {}, add: () => {}, value: 0 }),
  gauge: () => ({
    inc: () => {},
    dec: () => {},
    add: () => {},
    sub: () => {},
    set: () => {},
    value: 0,
  }),
  histogram: () => ({ record: () => {} }),
  scope: () => UNCOUNTED,
};
