/** What a thread tells the main thread about its counts: where in shared memory each name lives. */

export const StatKind = { Counter: 0, Gauge: 1, Histogram: 2 } as const;
export type StatKind = (typeof StatKind)[keyof typeof StatKind];

/** A new block of Float64 slots; sent before any name that lives in it. */
export interface BlockMessage {
  readonly type: "stats-block";
  readonly block: number;
  readonly buffer: SharedArrayBuffer;
}

/** A new name. Gauges take two slots (value, 1 once written), histogram heads two (zeros, sum). */
export interface NameMessage {
  readonly type: "stats-name";
  readonly name: string;
  readonly kind: StatKind;
  readonly block: number;
  readonly index: number;
}

/** 90 slots for one power of ten of a histogram, allocated when it is first hit. */
export interface DecadeMessage {
  readonly type: "stats-decade";
  readonly name: string;
  readonly decade: number;
  readonly block: number;
  readonly index: number;
}

/** A text readout: rare, so its value travels in the message. */
export interface TextMessage {
  readonly type: "stats-text";
  readonly name: string;
  readonly value: string;
}

export type StatsMessage = BlockMessage | NameMessage | DecadeMessage | TextMessage;

/** Tells the stats messages from others on the same port. */
export function isStatsMessage(message: unknown): message is StatsMessage {
  const type = (message as { type?: unknown } | null)?.type;
  return typeof type === "string" && type.startsWith("stats-");
}
