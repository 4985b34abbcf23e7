/** What plugins use of the thread that they run on: clock, timers, log, shared state, metrics, calls. */
import { randomFillSync } from "node:crypto";
import type { Clock, Clusters, Logger, StatsScope, Timers } from "@legate/filter-sdk";
import type { HostTimer, LogLevel, SharedData, SharedQueues, VmHost } from "@legate/proxy-wasm";
import type { NodeInfo } from "../../../extension.ts";

export interface PluginThread {
  readonly timers: Timers;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  readonly log: Logger;
  /** Root scope. */
  readonly stats: StatsScope;
  readonly clusters: Clusters;
  readonly node: NodeInfo;
  readonly listenerDirection: 0 | 1 | 2;
  sharedData(vmId: string): SharedData;
  readonly sharedQueues: SharedQueues;
}

/** A thread as the VMs of one vm_id see it. */
export class ThreadVmHost implements VmHost {
  readonly sharedData: SharedData;
  readonly sharedQueues: SharedQueues;
  private readonly thread: PluginThread;

  constructor(thread: PluginThread, vmId: string) {
    this.thread = thread;
    this.sharedData = thread.sharedData(vmId);
    this.sharedQueues = thread.sharedQueues;
  }

  nowNs(): bigint {
    return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  }

  monotonicNs(): bigint {
    return process.hrtime.bigint();
  }

  randomBytes(target: Uint8Array): void {
    randomFillSync(target);
  }

  startTimer<T>(delayMs: number, fire: (subject: T) => void, subject: T): HostTimer {
    return this.thread.timers.start(delayMs, fire, subject);
  }

  logLevel(): number {
    return this.thread.log.level;
  }

  log(level: LogLevel, message: string): void {
    writeLog(this.thread.log, level, message);
  }
}

const METHODS = ["trace", "debug", "info", "warn", "error", "critical"] as const;

export function writeLog(log: Logger, level: LogLevel, message: string): void {
  if (level >= log.level) log[METHODS[level]](message);
}
