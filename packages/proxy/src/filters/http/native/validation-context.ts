/** FactoryContext for the main thread, where a filter's factory only shows whether it can be made. */
import type { Counter, FactoryContext, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";
import type { ConfigContext } from "../../../extension.ts";

/** Nothing counts, no timer fires, no cluster is reached. */
export function validationContext(context: ConfigContext): FactoryContext {
  const singletons = new Map<string, unknown>();
  return {
    workerIndex: -1,
    concurrency: 1,
    stats: scope(""),
    httpScope: scope("http."),
    clusters: { has: (name) => context.isKnownCluster(name), httpCall: () => null },
    timers: { start: () => ({ stop() {}, restart() {} }) },
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    logger: (component) => context.logger(component),
    random: Math.random,
    node: context.node,
    listenerDirection: 0,
    isHealthCheckFailing: () => false,
    clusterHealth: () => ({ healthyPercent: 0, degradedPercent: 0 }),
    sharedMemory: (name, bytes) => context.shareMemory(name, bytes),
    singleton<T>(name: string, create: () => T): T {
      if (!singletons.has(name)) singletons.set(name, create());
      return singletons.get(name) as T;
    },
    onDestroy() {},
  };
}

const NOTHING: Counter & Gauge & Histogram = {
  inc() {},
  dec() {},
  add() {},
  sub() {},
  set() {},
  record() {},
  value: 0,
};

function scope(prefix: string): StatsScope {
  return {
    prefix,
    counter: () => NOTHING,
    gauge: () => NOTHING,
    histogram: () => NOTHING,
    scope: (name) => scope(`${prefix}${name}.`),
  };
}
