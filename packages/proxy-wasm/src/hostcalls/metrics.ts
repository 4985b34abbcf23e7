/** Counters, gauges and histograms that plugins define. */
import { type MetricType, WasmResult } from "../abi/enums.ts";
import { giveU32, giveU64, hostcall, target } from "./hostcall.ts";

const MAX_METRIC_TYPE = 2;
/** The low bits of an id tell its type. */
const HISTOGRAM_BITS = 2;

/** BadArgument for an unknown type. */
export const defineMetric = hostcall(
  "proxy_define_metric",
  (vm, type: number, name: number, nameSize: number, idAddress: number) => {
    if (type < 0 || type > MAX_METRIC_TYPE) return WasmResult.BadArgument;
    const text = vm.memory.readUtf8(name, nameSize);
    if (text === null || !vm.memory.contains(idAddress, 4)) return WasmResult.InvalidMemoryAccess;
    return giveU32(vm, idAddress, target(vm).root.defineMetric(type as MetricType, text));
  },
);

/** offset: i64. BadArgument for a counter with offset ≤ 0 and for histograms; NotFound for an unknown id. */
export const incrementMetric = hostcall(
  "proxy_increment_metric",
  (vm, id: number, offset: bigint) => {
    const metric = target(vm).root.metrics.get(id);
    if (metric === undefined)
      return (id & 3) > HISTOGRAM_BITS ? WasmResult.BadArgument : WasmResult.NotFound;
    return metric.increment(offset) ? WasmResult.Ok : WasmResult.BadArgument;
  },
);

/** value: u64; adds to counters, sets gauges, is one more value of histograms. */
export const recordMetric = hostcall("proxy_record_metric", (vm, id: number, value: bigint) => {
  const metric = target(vm).root.metrics.get(id);
  if (metric === undefined) return WasmResult.NotFound;
  metric.record(BigInt.asUintN(64, value));
  return WasmResult.Ok;
});

/** BadArgument for histograms. */
export const getMetric = hostcall("proxy_get_metric", (vm, id: number, address: number) => {
  const metric = target(vm).root.metrics.get(id);
  if (metric === undefined)
    return (id & 3) > HISTOGRAM_BITS ? WasmResult.BadArgument : WasmResult.NotFound;
  const value = metric.value();
  return value === null ? WasmResult.BadArgument : giveU64(vm, address, value);
});
