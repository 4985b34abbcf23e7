/** Operators of times and durations; durations are whole units, rounded down as in Envoy. */
import type { StreamInfo } from "@legate/filter-sdk";
import { compileDateFormat } from "./date-format.ts";
import { type Command, NumberOperator, plainNumber, TextOperator } from "./operator.ts";

function time(read: (info: StreamInfo) => number, isLocal: boolean): Command {
  return {
    parameters: "optional",
    length: false,
    build(pattern) {
      const format = compileDateFormat(pattern, isLocal);
      return new TextOperator((info) => format(read(info)));
    },
  };
}

const startTime = (info: StreamInfo): number => info.startTimeMs;
const now = (): number => Date.now();

/** Whole ms between two monotonic times; -1 if either is unset. */
function between(fromMs: number, toMs: number): number {
  return fromMs < 0 || toMs < 0 ? -1 : Math.max(0, Math.floor(toMs - fromMs));
}

/** The points of COMMON_DURATION that a stream's info holds. */
const POINTS: Readonly<Record<string, (info: StreamInfo) => number>> = {
  DS_RX_BEG: (info) => info.startMonotonicMs,
  DS_RX_END: (info) => info.lastDownstreamRxMs,
  US_TX_BEG: (info) => info.firstUpstreamTxMs,
  US_TX_END: (info) => info.lastUpstreamTxMs,
  US_RX_BEG: (info) => info.firstUpstreamRxMs,
  US_RX_END: (info) => info.lastUpstreamRxMs,
  DS_TX_BEG: (info) => info.firstDownstreamTxMs,
  DS_TX_END: (info) => info.lastDownstreamTxMs,
};

const UNITS_PER_MS: Readonly<Record<string, number>> = { ms: 1, us: 1e3, ns: 1e6 };

const commonDuration: Command = {
  parameters: "required",
  length: false,
  build(parameters) {
    const [from = "", to = "", unit = "ms", ...rest] = parameters.split(":");
    if (to === "" || rest.length > 0) {
      throw new Error(`Invalid common duration configuration: ${parameters}.`);
    }
    const perMs = UNITS_PER_MS[unit];
    if (perMs === undefined) throw new Error(`Invalid common duration precision: ${unit}.`);
    const begin = POINTS[from];
    const end = POINTS[to];
    if (begin === undefined || end === undefined) {
      const point = begin === undefined ? from : to;
      throw new Error(`COMMON_DURATION: the time point ${point} is not supported by Legate`);
    }
    return new NumberOperator((info) => {
      const fromMs = begin(info);
      const toMs = end(info);
      return fromMs < 0 || toMs < fromMs ? -1 : Math.floor((toMs - fromMs) * perMs);
    });
  },
};

export const timeCommands: Readonly<Record<string, Command>> = {
  START_TIME: time(startTime, false),
  START_TIME_LOCAL: time(startTime, true),
  EMIT_TIME: time(now, false),
  EMIT_TIME_LOCAL: time(now, true),
  // Formats are printed at the end of what they measure, so now is the end.
  DURATION: plainNumber((info) => between(info.startMonotonicMs, performance.now())),
  REQUEST_DURATION: plainNumber((info) => between(info.startMonotonicMs, info.lastDownstreamRxMs)),
  REQUEST_TX_DURATION: plainNumber((info) => between(info.startMonotonicMs, info.lastUpstreamTxMs)),
  RESPONSE_DURATION: plainNumber((info) => between(info.startMonotonicMs, info.firstUpstreamRxMs)),
  RESPONSE_TX_DURATION: plainNumber((info) =>
    between(info.firstUpstreamRxMs, info.lastDownstreamTxMs),
  ),
  COMMON_DURATION: commonDuration,
};
