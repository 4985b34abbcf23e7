/** A worker thread: listeners, clusters and filters of its own; talks to main by messages. */
import { parentPort, workerData } from "node:worker_threads";
import { fromBinary } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { FactoryContext } from "@legate/filter-sdk";
import { setOwnAddress } from "../../downstream/http-connection-manager/forwarded-address.ts";
import type { Listener } from "../../downstream/listener/listener.ts";
import { EventLoop } from "../../event-loop/event-loop.ts";
import { setConnectionIdBase } from "../../network/connection.ts";
import { LogFiles } from "../../observability/access-log/log-files.ts";
import type { Component } from "../../observability/logging/components.ts";
import { Logging } from "../../observability/logging/logging.ts";
import { ThreadStats } from "../../observability/stats/thread-stats.ts";
import { AsyncClient } from "../../upstream/callouts/async-client.ts";
import { ClusterManager } from "../../upstream/cluster-manager.ts";
import { BuildContext } from "../build-context.ts";
import { parseServer } from "../parse-server.ts";
import { buildListener } from "./build-listeners.ts";
import type { FromWorker, HostReport, ToWorker, WorkerStart } from "./messages.ts";

const start = workerData as WorkerStart;
const port = parentPort!;
const say = (message: FromWorker): void => port.postMessage(message);

class WorkerThread {
  private readonly loop = new EventLoop();
  private readonly stats = new ThreadStats((message) => port.postMessage(message));
  private readonly root = this.stats.scope("");
  private readonly flags = new Int32Array(start.flags);
  private readonly logging: Logging;
  private readonly logFiles: LogFiles;
  private listeners: Listener[] = [];
  private clusters: ClusterManager | null = null;
  private readonly singletons = new Map<string, unknown>();
  private readonly cleanups: (() => void)[] = [];

  constructor() {
    const { options } = start;
    this.logging = new Logging({
      level: options.logLevel,
      componentLevels: options.componentLogLevel,
      format: options.logFormat,
      path: options.logPath,
      isEscaped: options.logFormatEscaped,
    });
    this.logFiles = new LogFiles(
      { flushIntervalMs: options.fileFlushIntervalMs, flushBytes: options.fileFlushBytes },
      this.root.scope("filesystem"),
    );
    setOwnAddress(start.ownAddress);
    // Each thread counts connections in a range of its own.
    setConnectionIdBase(start.index * 2 ** 40);
  }

  async build(): Promise<void> {
    const bootstrap = fromBinary(
      messageType("envoy.config.bootstrap.v3.Bootstrap"),
      start.bootstrap,
    ) as Bootstrap;
    const parsed = await parseServer(
      bootstrap,
      new BuildContext({
        source: null,
        file: "",
        data: new Map(start.data),
        share: (name) => this.sharedMemory(name),
        isMainThread: false,
        node: start.node,
        logger: (component) => this.logging.logger(component as Component),
      }),
    );
    const clusters = new ClusterManager(parsed.clusters, {
      loop: this.loop,
      stats: this.root,
      sharedMemory: (name) => this.sharedMemory(name),
      random: Math.random,
      onHostsChanged: (cluster) => {
        const { hosts, stats } = cluster;
        stats.counter("membership_change").inc();
        stats.gauge("membership_total").set(hosts.length);
        stats.gauge("membership_healthy").set(hosts.filter((host) => host.isHealthy()).length);
        stats.gauge("membership_degraded").set(hosts.filter((host) => host.isDegraded()).length);
        stats.gauge("membership_excluded").set(0);
      },
    });
    this.clusters = clusters;
    const client = new AsyncClient(clusters, this.loop);
    for (const listener of parsed.listeners)
      this.listeners.push(
        await buildListener(listener, {
          loop: this.loop,
          clusters,
          logFiles: this.logFiles,
          drainCloseChance: () => this.drainCloseChance(),
          factoryContext: (statPrefix, direction) =>
            this.factoryContext(statPrefix, direction, client),
        }),
      );
    await clusters.start();
  }

  private sharedMemory(name: string): SharedArrayBuffer {
    const memory = start.shared.get(name);
    if (memory === undefined) throw new Error(`no shared memory is named ${name}`);
    return memory;
  }

  private factoryContext(
    statPrefix: string,
    listenerDirection: 0 | 1 | 2,
    clusters: AsyncClient,
  ): FactoryContext {
    return {
      workerIndex: start.index,
      concurrency: start.concurrency,
      stats: this.root,
      httpScope: this.root.scope(`http.${statPrefix}`),
      clusters,
      timers: this.loop.timers,
      clock: this.loop.clock,
      logger: (component) => this.logging.logger(component as Component),
      random: Math.random,
      node: start.node,
      listenerDirection,
      isHealthCheckFailing: () => Atomics.load(this.flags, 0) === 1,
      clusterHealth: (name) => {
        const hosts = this.clusters?.hostsOf(name) ?? [];
        const percent = (count: number) => (hosts.length === 0 ? 0 : (100 * count) / hosts.length);
        return {
          healthyPercent: percent(hosts.filter((host) => host.isHealthy()).length),
          degradedPercent: percent(hosts.filter((host) => host.isDegraded()).length),
        };
      },
      sharedMemory: (name) => this.sharedMemory(name),
      singleton: (name, create) => this.singleton(name, create),
      onDestroy: (cleanup) => this.cleanups.push(cleanup),
    };
  }

  private singleton<T>(name: string, create: () => T): T {
    if (!this.singletons.has(name)) this.singletons.set(name, create());
    return this.singletons.get(name) as T;
  }

  /** Gradual: rises from 0 to 1 over the drain time. */
  private drainCloseChance(): number {
    if (Atomics.load(this.flags, 0) === 1) return 1;
    const since = Atomics.load(this.flags, 1);
    if (since === 0) return 0;
    if (start.options.drainStrategy === "immediate") return 1;
    return Math.min(1, (Date.now() - since * 1000) / Math.max(1, start.options.drainTimeMs));
  }

  async onMessage(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case "listen": {
        const bound = await Promise.all(
          this.listeners.map((listener, i) => listener.listen(message.ports[i] ?? 0)),
        );
        say({ kind: "listening", ports: bound });
        return;
      }
      case "clusters":
        say({ kind: "clusters", id: message.id, hosts: this.hostReports() });
        return;
      case "levels":
        this.logging.setLevels(message.levels.map(([name, level]) => `${name}:${level}`).join(","));
        return;
      case "reopen":
        this.logFiles.reopen();
        this.logging.reopen();
        return;
      case "drain":
        this.drain(message.deadlineMs);
    }
  }

  private hostReports(): (readonly [string, HostReport[]])[] {
    return [...this.clusters!.all()].map((cluster) => [
      cluster.name,
      cluster.hosts.map((host) => ({
        data: host.data,
        counts: {
          cx_active: host.cxActive,
          cx_connect_fail: host.cxConnectFail,
          cx_total: host.cxTotal,
          rq_active: host.activeRequests,
          rq_error: host.rqError,
          rq_pending_active: host.rqPendingActive,
          rq_success: host.rqSuccess,
          rq_timeout: host.rqTimeout,
          rq_total: host.rqTotal,
        },
      })),
    ]);
  }

  /** Requests under way end first; at the deadline the rest is cut. */
  private drain(deadlineMs: number): void {
    for (const listener of this.listeners) {
      listener.stopAccepting();
      listener.drain();
    }
    const deadline = performance.now() + deadlineMs;
    const check = setInterval(() => {
      const active = this.listeners.reduce((sum, listener) => sum + listener.activeConnections, 0);
      if (active > 0 && performance.now() < deadline) return;
      clearInterval(check);
      for (const listener of this.listeners) listener.closeAll();
      for (const cleanup of this.cleanups) cleanup();
      this.clusters?.close();
      this.logFiles.close();
      say({ kind: "drained" });
    }, 5);
  }
}

const worker = new WorkerThread();
port.on("message", (message: ToWorker) => {
  worker
    .onMessage(message)
    .catch((error: Error) => say({ kind: "failed", message: error.message }));
});
worker.build().then(
  () => say({ kind: "built" }),
  (error: Error) => say({ kind: "failed", message: error.stack ?? error.message }),
);
