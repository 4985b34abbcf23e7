/** What a cluster asks of the connections to one host at one priority, whatever their protocol. */
import type { ResponseDecoder } from "../../http/codec.ts";
import type { PendingStream, PoolCallbacks } from "../contracts.ts";

export interface ConnectionPool {
  /** As Cluster.newStream, for this host. */
  newStream(decoder: ResponseDecoder, callbacks: PoolCallbacks): PendingStream | null;
  /** Closes idle connections now and busy ones after their streams; opens none unless asked anew. */
  drain(): void;
  /** Closes everything at once: streams are reset, waiting ones fail. */
  close(): void;
}
