/** One endpoint on one worker: identity, health, counts for /clusters, and its connection pools. */
import type { Address } from "@legate/filter-sdk";
import { Address as IpAddress } from "../network/address.ts";
import type { ConnectionPool } from "./connection-pool/connection-pool.ts";
import type { Host } from "./contracts.ts";

/** Numbers of config.core.v3.HealthStatus. */
export const HealthStatus = {
  Unknown: 0,
  Healthy: 1,
  Unhealthy: 2,
  Draining: 3,
  Timeout: 4,
  Degraded: 5,
} as const;
export type HealthStatus = (typeof HealthStatus)[keyof typeof HealthStatus];

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** An endpoint as plain data: it crosses from the main thread to the workers in messages. */
export interface HostData {
  readonly ip: string;
  readonly port: number;
  readonly hostname: string;
  /** 1 to 2³². */
  readonly weight: number;
  readonly priority: number;
  readonly locality: Locality;
  /** Dynamic values by filter name, as JSON; null for none. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly healthStatus: HealthStatus;
}

export class UpstreamHost implements Host {
  readonly address: Address;
  readonly clusterName: string;
  data: HostData;
  activeRequests = 0;
  cxTotal = 0;
  cxActive = 0;
  cxConnectFail = 0;
  rqTotal = 0;
  rqError = 0;
  rqSuccess = 0;
  rqTimeout = 0;
  rqPendingActive = 0;
  /** By routing priority; null until first used. */
  readonly pools: (ConnectionPool | null)[] = [null, null];

  constructor(clusterName: string, data: HostData) {
    this.address = new IpAddress(data.ip, data.port);
    this.clusterName = clusterName;
    this.data = data;
  }

  get hostname(): string {
    return this.data.hostname;
  }

  get weight(): number {
    return this.data.weight;
  }

  get priority(): number {
    return this.data.priority;
  }

  get metadata(): Readonly<Record<string, unknown>> | null {
    return this.data.metadata;
  }

  isHealthy(): boolean {
    const status = this.data.healthStatus;
    return status === HealthStatus.Unknown || status === HealthStatus.Healthy;
  }

  isDegraded(): boolean {
    return this.data.healthStatus === HealthStatus.Degraded;
  }

  onResponse(code: number): void {
    if (code >= 500 && code < 600) this.rqError++;
    else this.rqSuccess++;
  }

  onTimeout(): void {
    this.rqTimeout++;
  }

  /** The host left its cluster: idle connections close now, busy ones after their request. */
  drain(): void {
    for (const pool of this.pools) pool?.drain();
  }
}
