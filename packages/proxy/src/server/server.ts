/** The main thread's part of a running proxy: workers, statistics, admin, signals. */
import { Worker } from "node:worker_threads";
import { compileRegex } from "../http/matchers/regex.ts";
import { parseLevel } from "../observability/logging/components.ts";
import type { Logging } from "../observability/logging/logging.ts";
import { isStatsMessage } from "../observability/stats/messages.ts";
import { StatsRegistry } from "../observability/stats/registry.ts";
import { ServerState, ServerStats } from "../observability/stats/server-stats.ts";
import { ThreadStats } from "../observability/stats/thread-stats.ts";
import { AdminServer } from "./admin/admin-server.ts";
import type { AdminSources, ClusterSnapshot, HostCounts, JsonObject } from "./admin/sources.ts";
import type { ServerOptions } from "./options.ts";
import type { ParsedServer } from "./parse-server.ts";
import type { FromWorker, HostReport, ToWorker, WorkerStart } from "./workers/messages.ts";

const STATS_FLUSH_MS = 5000;
const CLUSTER_REFRESH_MS = 500;
/** How long requests under way may go on after SIGTERM. */
const SHUTDOWN_MS = 10_000;
const RESTART_PAUSE_MS = 1000;

export interface ServerParts {
  readonly options: ServerOptions;
  readonly logging: Logging;
  readonly version: string;
  readonly parsed: ParsedServer;
  readonly shared: ReadonlyMap<string, SharedArrayBuffer>;
  /** Contents of the configuration's files, by path. */
  readonly data: ReadonlyMap<string, Uint8Array>;
  readonly bootstrapBytes: Uint8Array;
  readonly bootstrapJson: JsonObject;
  /** Null: no admin server. */
  readonly adminAddress: { readonly ip: string; readonly port: number } | null;
  readonly concurrency: number;
  readonly ownAddress: string;
  readonly node: { readonly id: string; readonly cluster: string; readonly zone: string };
}

/** One worker as main sees it. */
interface WorkerSlot {
  readonly index: number;
  worker: Worker;
  /** Number in the stats registry; never used twice. */
  thread: number;
  hosts: readonly (readonly [cluster: string, hosts: readonly HostReport[]])[];
}

export class Server implements AdminSources {
  readonly stats = new StatsRegistry();
  readonly fixedTags: ServerOptions["statsTags"];
  private readonly parts: ServerParts;
  private readonly serverStats: ServerStats;
  private readonly listenerManager;
  private readonly flags = new SharedArrayBuffer(8);
  private readonly slots: WorkerSlot[] = [];
  private ports: number[] = [];
  private admin: AdminServer | null = null;
  private current = "PRE_INITIALIZING";
  private nextThread = 1;
  private isStopping = false;
  private finish: (code: number) => void = () => {};
  private readonly startedMs = performance.now();
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(parts: ServerParts) {
    this.parts = parts;
    this.fixedTags = parts.options.statsTags;
    const mainStats = new ThreadStats((message) => this.stats.receive(0, message));
    this.serverStats = new ServerStats(mainStats, this.stats, parts.concurrency);
    this.listenerManager = mainStats.scope("listener_manager.");
    const clusterManager = mainStats.scope("cluster_manager.");
    clusterManager.counter("cluster_added").add(parts.parsed.clusters.length);
    clusterManager.gauge("active_clusters").set(parts.parsed.clusters.length);
    clusterManager.gauge("warming_clusters").set(0);
    for (const name of ["cluster_modified", "cluster_removed", "cluster_updated"])
      clusterManager.counter(name);
    for (const name of [
      "listener_modified",
      "listener_removed",
      "listener_stopped",
      "listener_create_failure",
    ])
      this.listenerManager.counter(name);
  }

  /** Starts everything and resolves to the exit code once it has stopped. */
  async run(): Promise<number> {
    const { parts } = this;
    const { options } = parts;
    const log = parts.logging.logger("main");
    const ended = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    process.on("SIGTERM", () => this.stop("SIGTERM"));
    process.on("SIGINT", () => this.stop("SIGINT"));
    process.on("SIGUSR1", () => this.reopenLogs());
    process.on("SIGHUP", () => {});
    try {
      if (parts.adminAddress !== null) {
        this.admin = new AdminServer(this);
        const bound = await this.admin.listen({
          ...parts.adminAddress,
          addressPath: options.adminAddressPath,
        });
        parts.logging.logger("admin").info(`admin address: ${bound.ip}:${bound.port}`);
      }
      this.setState("INITIALIZING", ServerState.Initializing);
      await this.startWorkers();
    } catch (error) {
      log.critical((error as Error).message);
      await this.close();
      return 1;
    }
    if (!this.isStopping) {
      this.setState("LIVE", ServerState.Live);
      this.serverStats.onInitialized();
      this.timers.push(setInterval(() => this.flushStats(), STATS_FLUSH_MS));
      if (parts.adminAddress !== null)
        this.timers.push(setInterval(() => this.askForClusters(), CLUSTER_REFRESH_MS));
      log.info(
        `legate ${parts.version}: ${parts.concurrency} worker(s), starting main dispatch loop`,
      );
    }
    const code = await ended;
    await this.close();
    log.info("exiting");
    return code;
  }

  private setState(name: string, state: ServerState): void {
    this.current = name;
    this.serverStats.setState(state);
  }

  // ---- Workers.

  private async startWorkers(): Promise<void> {
    const { concurrency, parsed } = this.parts;
    this.ports = parsed.listeners.map((listener) => listener.port);
    for (let index = 0; index < concurrency; index++) {
      const slot: WorkerSlot = { index, worker: this.spawn(index), thread: 0, hosts: [] };
      this.slots.push(slot);
      // The first worker picks the ports that are left open (0); the others share them.
      await this.bringUp(slot);
    }
    this.listenerManager.counter("listener_added").add(parsed.listeners.length);
    this.listenerManager
      .counter("listener_create_success")
      .add(parsed.listeners.length * concurrency);
    this.listenerManager.gauge("total_listeners_active").set(parsed.listeners.length);
    this.listenerManager.gauge("total_listeners_warming").set(0);
    this.listenerManager.gauge("total_listeners_draining").set(0);
    this.listenerManager.gauge("workers_started").set(1);
  }

  private spawn(index: number): Worker {
    const { parts } = this;
    const start: WorkerStart = {
      index,
      concurrency: parts.concurrency,
      options: parts.options,
      ownAddress: parts.ownAddress,
      bootstrap: parts.bootstrapBytes,
      shared: parts.shared,
      data: parts.data,
      flags: this.flags,
      node: parts.node,
    };
    return new Worker(new URL("workers/worker.ts", import.meta.url), {
      workerData: start,
      name: `worker_${index}`,
      // Requests die young: a larger nursery keeps them from being copied.
      resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 4096 },
    });
  }

  /** Resolves when the worker listens. */
  private async bringUp(slot: WorkerSlot): Promise<void> {
    const thread = this.nextThread++;
    slot.thread = thread;
    const { worker } = slot;
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (isStatsMessage(message)) {
          this.stats.receive(thread, message);
          return;
        }
        switch (message.kind) {
          case "built":
            this.say(slot, { kind: "listen", ports: this.ports });
            break;
          case "listening":
            this.ports = [...message.ports];
            resolve();
            break;
          case "failed":
            reject(new Error(message.message));
            break;
          case "clusters":
            slot.hosts = message.hosts;
            break;
          case "drained":
            void worker.terminate();
        }
      });
      worker.on("error", (error: Error) => {
        this.parts.logging
          .logger("main")
          .critical(`worker ${slot.index} died: ${error.stack ?? error.message}`);
        reject(error);
      });
      worker.on("exit", () => {
        reject(new Error(`worker ${slot.index} ended`));
        this.onWorkerExit(slot, thread);
      });
    });
  }

  private say(slot: WorkerSlot, message: ToWorker): void {
    slot.worker.postMessage(message);
  }

  /** A worker that dies is replaced; the others go on meanwhile. */
  private onWorkerExit(slot: WorkerSlot, thread: number): void {
    this.stats.dropThread(thread);
    slot.hosts = [];
    if (this.isStopping) {
      this.slots.splice(this.slots.indexOf(slot), 1);
      if (this.slots.length === 0) this.finish(0);
      return;
    }
    if (this.current !== "LIVE") return;
    const log = this.parts.logging.logger("main");
    log.error(`worker ${slot.index} is restarted`);
    setTimeout(() => {
      if (this.isStopping) return;
      slot.worker = this.spawn(slot.index);
      this.bringUp(slot).catch((error: Error) =>
        log.error(`worker ${slot.index}: ${error.message}`),
      );
    }, RESTART_PAUSE_MS).unref();
  }

  private askForClusters(): void {
    for (const slot of this.slots) this.say(slot, { kind: "clusters", id: 0 });
  }

  private flushStats(): void {
    this.serverStats.update();
    this.stats.flush();
  }

  // ---- The end.

  private stop(reason: string): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.parts.logging.logger("main").info(`caught ${reason}: draining`);
    this.setState("DRAINING", ServerState.Draining);
    if (this.slots.length === 0) this.finish(0);
    for (const slot of this.slots) this.say(slot, { kind: "drain", deadlineMs: SHUTDOWN_MS });
  }

  private async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.isStopping = true;
    await Promise.all(this.slots.map((slot) => slot.worker.terminate()));
    await this.admin?.close();
  }

  // ---- AdminSources.

  readonly log = {
    setAllLevels: (level: number): void => {
      this.parts.logging.setAllLevels(level);
      this.sendLevels();
    },
    setLevels: (text: string): string | null => {
      const error = this.parts.logging.setLevels(text);
      if (error === null) this.sendLevels();
      return error;
    },
    levels: (): [name: string, level: string][] => this.parts.logging.levels(),
  };

  private sendLevels(): void {
    const levels = this.parts.logging.levels().filter(([, level]) => parseLevel(level) >= 0);
    for (const slot of this.slots) this.say(slot, { kind: "levels", levels });
  }

  compileRegex(pattern: string): (name: string) => boolean {
    const regex = compileRegex(pattern);
    return (name) => regex.search(name);
  }

  updateStats(): void {
    this.serverStats.update();
  }

  clusters(): readonly ClusterSnapshot[] {
    return this.parts.parsed.clusters.map((config) => {
      const limits = config.thresholds.map((thresholds) => ({
        max_connections: thresholds.maxConnections,
        max_pending_requests: thresholds.maxPendingRequests,
        max_requests: thresholds.maxRequests,
        max_retries: thresholds.maxRetries,
      }));
      return {
        name: config.name,
        observabilityName: config.statName,
        defaultPriority: limits[0]!,
        highPriority: limits[1]!,
        addedViaApi: false,
        edsServiceName: null,
        hosts: this.hostsOf(config.name).map((host) => ({
          ...host,
          healthFlags: [],
          successRate: -1,
          localOriginSuccessRate: -1,
        })),
      };
    });
  }

  /** A cluster's hosts with their counts summed over the workers. */
  private hostsOf(name: string): HostReport[] {
    const sums = new Map<string, { data: HostReport["data"]; counts: Record<string, number> }>();
    for (const slot of this.slots) {
      const hosts = slot.hosts.find(([cluster]) => cluster === name)?.[1] ?? [];
      for (const { data, counts } of hosts) {
        const key = `${data.ip} ${data.port}`;
        const sum = sums.get(key);
        if (sum === undefined) sums.set(key, { data, counts: { ...counts } });
        else
          for (const [field, count] of Object.entries(counts))
            sum.counts[field] = (sum.counts[field] ?? 0) + count;
      }
    }
    return [...sums.values()].map(({ data, counts }) => ({
      data,
      counts: counts as unknown as HostCounts,
    }));
  }

  listeners() {
    return this.parts.parsed.listeners.map((listener, i) => ({
      name: listener.name,
      ip: listener.ip,
      port: this.ports[i] ?? listener.port,
    }));
  }

  configDumps(): readonly JsonObject[] {
    const resources = (this.parts.bootstrapJson["static_resources"] ?? {}) as JsonObject;
    const wrap = (key: string, name: string, type: string) =>
      ((resources[key] ?? []) as readonly JsonObject[]).map((one) => ({
        [name]: { "@type": `type.googleapis.com/${type}`, ...one },
      }));
    return [
      {
        "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
        bootstrap: this.parts.bootstrapJson,
      },
      {
        "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
        static_clusters: wrap("clusters", "cluster", "envoy.config.cluster.v3.Cluster"),
      },
      {
        "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
        static_listeners: wrap("listeners", "listener", "envoy.config.listener.v3.Listener"),
      },
    ];
  }

  serverInfo(): JsonObject {
    const { options, node } = this.parts;
    const uptime = `${Math.floor((performance.now() - this.startedMs) / 1000)}s`;
    return {
      version: `legate/${this.parts.version}`,
      state: this.current,
      uptime_current_epoch: uptime,
      uptime_all_epochs: uptime,
      hot_restart_version: "disabled",
      command_line_options: {
        concurrency: this.parts.concurrency,
        config_path: options.configPath ?? "",
        config_yaml: options.configYaml ?? "",
        log_level: options.logLevel,
        mode: "Serve",
        drain_time: `${options.drainTimeMs / 1000}s`,
      },
      node: { id: node.id, cluster: node.cluster, locality: { zone: node.zone } },
    };
  }

  state(): string {
    return this.current === "LIVE" && Atomics.load(new Int32Array(this.flags), 0) === 1
      ? "DRAINING"
      : this.current;
  }

  initDump(): JsonObject {
    return {};
  }

  quit(): void {
    this.stop("quitquitquit");
  }

  failHealthCheck(isFailed: boolean): void {
    Atomics.store(new Int32Array(this.flags), 0, isFailed ? 1 : 0);
  }

  drainListeners({
    graceful,
    skipExit,
  }: {
    graceful: boolean;
    skipExit: boolean;
    inboundOnly: boolean;
  }): void {
    if (graceful || skipExit)
      Atomics.store(new Int32Array(this.flags), 1, Math.floor(Date.now() / 1000));
    else this.stop("drain_listeners");
  }

  resetCounters(): void {
    this.stats.resetCounters();
  }

  reopenLogs(): void {
    for (const slot of this.slots) this.say(slot, { kind: "reopen" });
    try {
      this.parts.logging.reopen();
    } catch (error) {
      this.parts.logging
        .logger("main")
        .error(`the log can't be reopened: ${(error as Error).message}`);
    }
  }
}
