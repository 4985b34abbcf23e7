/** One listening socket of a worker: accepts connections and gives each to its filter chain. */
import * as net from "node:net";
import type { Address, Counter, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";
import type { EventLoop } from "../../event-loop/event-loop.ts";
import { Connection, type ConnectionCallbacks } from "../../network/connection.ts";
import type {
  HttpConnection,
  HttpConnectionOwner,
} from "../http-connection-manager/http-connection.ts";

/** Takes over an accepted connection: the one network filter that this version has, HttpConnectionManager. */
export type AcceptConnection = (
  connection: Connection,
  owner: HttpConnectionOwner,
) => HttpConnection;

export interface ListenerOptions {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  /** tcp_backlog_size; 0 for the system's own. */
  readonly backlog: number;
  /** Several workers share the port. */
  readonly reusePort: boolean;
  /** Bytes a connection may hold unwritten; 0 for no limit. */
  readonly bufferLimitBytes: number;
  /** The filter chain for a connection; null: none matches. */
  chooseFilterChain(local: Address, remote: Address): AcceptConnection | null;
}

/** `listener.<address>.` and `listener.<address>.worker_N.` */
class ListenerStats {
  readonly total: Counter;
  readonly active: Gauge;
  readonly destroyed: Counter;
  readonly lengthMs: Histogram;
  readonly noFilterChain: Counter;
  readonly workerTotal: Counter;
  readonly workerActive: Gauge;

  constructor(scope: StatsScope, workerIndex: number) {
    this.total = scope.counter("downstream_cx_total");
    this.active = scope.gauge("downstream_cx_active");
    this.destroyed = scope.counter("downstream_cx_destroy");
    this.lengthMs = scope.histogram("downstream_cx_length_ms");
    this.noFilterChain = scope.counter("no_filter_chain_match");
    scope.counter("downstream_cx_overflow");
    scope.counter("downstream_cx_overload_reject");
    scope.counter("downstream_cx_transport_socket_connect_timeout");
    scope.counter("downstream_global_cx_overflow");
    scope.counter("downstream_listener_filter_error");
    scope.counter("downstream_listener_filter_remote_close");
    scope.counter("downstream_pre_cx_timeout");
    scope.gauge("downstream_pre_cx_active");
    scope.counter("extension_config_missing");
    scope.counter("network_extension_config_missing");
    scope.histogram("connections_accepted_per_socket_event");
    const worker = scope.scope(`worker_${workerIndex}`);
    this.workerTotal = worker.counter("downstream_cx_total");
    this.workerActive = worker.gauge("downstream_cx_active");
  }
}

/** Callbacks of a connection between accept and the filter chain's take-over; none can come. */
const PENDING: ConnectionCallbacks = {
  onConnected() {},
  onBytes() {},
  onHalfClose() {},
  onClose() {},
  onAboveHighWatermark() {},
  onBelowLowWatermark() {},
};

export class Listener implements HttpConnectionOwner {
  readonly name: string;
  private readonly loop: EventLoop;
  private readonly options: ListenerOptions;
  private readonly stats: ListenerStats;
  private readonly server: net.Server;
  private readonly connections = new Set<HttpConnection>();
  private readonly startTimes = new Map<HttpConnection, number>();

  constructor(loop: EventLoop, options: ListenerOptions, scope: StatsScope, workerIndex: number) {
    this.loop = loop;
    this.name = options.name;
    this.options = options;
    this.stats = new ListenerStats(scope, workerIndex);
    this.server = net.createServer(
      { pauseOnConnect: true, allowHalfOpen: true, noDelay: true },
      (socket) => this.onSocket(socket),
    );
  }

  /** Resolves with the bound port. `port` overrides the configured one (0 chosen by another worker). */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const { ip, backlog, reusePort } = this.options;
      const onError = (error: NodeJS.ErrnoException) => {
        reject(new Error(`cannot bind '${ip}:${port}': ${bindErrorText(error)}`));
      };
      this.server.once("error", onError);
      const listenOptions: net.ListenOptions = { host: ip, port, reusePort };
      if (backlog > 0) listenOptions.backlog = backlog;
      this.server.listen(listenOptions, () => {
        this.server.off("error", onError);
        // A failing accept (out of descriptors) concerns that connection alone.
        this.server.on("error", () => {});
        resolve((this.server.address() as net.AddressInfo).port);
      });
    });
  }

  private onSocket(socket: net.Socket): void {
    this.loop.begin();
    const connection = Connection.accept(this.loop, socket, PENDING);
    const accept = this.options.chooseFilterChain(
      connection.localAddress,
      connection.remoteAddress,
    );
    this.stats.total.inc();
    this.stats.workerTotal.inc();
    if (accept === null) {
      this.stats.noFilterChain.inc();
      this.stats.destroyed.inc();
      connection.close(false);
    } else {
      this.stats.active.inc();
      this.stats.workerActive.inc();
      connection.setBufferLimit(this.options.bufferLimitBytes);
      const http = accept(connection, this);
      this.connections.add(http);
      this.startTimes.set(http, this.loop.clock.monotonicMs());
      connection.start();
    }
    this.loop.end();
  }

  onHttpConnectionClosed(connection: HttpConnection): void {
    if (!this.connections.delete(connection)) return;
    const started = this.startTimes.get(connection) ?? 0;
    this.startTimes.delete(connection);
    this.stats.destroyed.inc();
    this.stats.active.dec();
    this.stats.workerActive.dec();
    this.stats.lengthMs.record(this.loop.clock.monotonicMs() - started);
  }

  get activeConnections(): number {
    return this.connections.size;
  }

  /** No new connections; those that exist go on. */
  stopAccepting(): void {
    this.server.close();
  }

  /** Each connection ends with the response under way, idle ones now. */
  drain(): void {
    for (const connection of [...this.connections]) connection.drain();
  }

  closeAll(): void {
    for (const connection of [...this.connections]) connection.close();
  }
}

function bindErrorText(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return "Address already in use";
    case "EACCES":
      return "Permission denied";
    case "EADDRNOTAVAIL":
      return "Cannot assign requested address";
    default:
      return error.message;
  }
}
