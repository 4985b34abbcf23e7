/** envoy.filters.http.wasm: descriptor, and the thread's plugins behind it. */
import type { Wasm } from "@legate/envoy-api/envoy/extensions/filters/http/wasm/v3/wasm_pb.js";
import type { FactoryContext } from "@legate/filter-sdk";
import { SharedDataStore, SharedQueueStore } from "@legate/proxy-wasm";
import type { HttpFilterExtension } from "../../../extension.ts";
import { tryPlugin } from "./canary.ts";
import { ClosedFilter, OpenFilter } from "./lost-plugin-filter.ts";
import {
  parsePlugin,
  pluginHonours,
  sharedDataName,
  sharedQueuesName,
  type WasmPluginConfig,
} from "./plugin-config.ts";
import { ThreadPlugins } from "./plugins.ts";
import { WasmFilter } from "./wasm-filter.ts";

const TYPE = "envoy.extensions.filters.http.wasm.v3.Wasm";

export const wasm: HttpFilterExtension<WasmPluginConfig, never> = {
  name: "envoy.filters.http.wasm",
  configType: TYPE,
  routeConfigType: null,
  honours: { [TYPE]: ["config"], ...pluginHonours },
  isTerminal: false,
  async parseConfig(message, context) {
    const { config } = message as Wasm;
    if (config === undefined) return context.fail(message, "config", "is required");
    const plugin = await parsePlugin(config, context);
    if (context.isMainThread && !tryPlugin(plugin, context))
      context.fail(config, "vm_config", `Unable to create Wasm plugin ${config.name}`);
    return plugin;
  },
  parseRouteConfig: (message, context) =>
    context.fail(message, "config", "the Wasm filter has no per-route configuration"),
  createFactory(config, context) {
    const plugins = context.singleton("wasm", () => threadPlugins(context));
    const handle = plugins.plugin(config);
    const options = {
      failsOpen: handle.failsOpen,
      allowsHeadersStopIteration: config.allowsHeadersStopIteration,
    };
    return {
      create(callbacks) {
        const root = handle.liveRoot();
        if (root !== null) return new WasmFilter(callbacks, root, options);
        return handle.failsOpen ? new OpenFilter() : new ClosedFilter(callbacks);
      },
    };
  },
};

function threadPlugins(context: FactoryContext): ThreadPlugins {
  const stores = new Map<string, SharedDataStore>();
  const plugins = new ThreadPlugins({
    timers: context.timers,
    clock: context.clock,
    random: () => context.random(),
    log: context.logger("wasm"),
    stats: context.stats,
    clusters: context.clusters,
    node: context.node,
    listenerDirection: context.listenerDirection,
    sharedData(vmId) {
      let store = stores.get(vmId);
      if (store === undefined) {
        store = new SharedDataStore(context.sharedMemory(sharedDataName(vmId), 0));
        stores.set(vmId, store);
      }
      return store;
    },
    sharedQueues: new SharedQueueStore(context.sharedMemory(sharedQueuesName, 0)),
  });
  context.onDestroy(() => plugins.shutdown());
  return plugins;
}
