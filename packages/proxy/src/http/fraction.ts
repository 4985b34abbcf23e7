/** Shares of requests: type.v3.FractionalPercent and its runtime form, of which the default counts. */
import type { RuntimeFractionalPercent } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type { FractionalPercent } from "@legate/envoy-api/envoy/type/v3/percent_pb.js";
import type { HonouredFields } from "../extension.ts";

export const fractionHonours: HonouredFields = {
  "envoy.config.core.v3.RuntimeFractionalPercent": ["default_value", "runtime_key"],
  "envoy.type.v3.FractionalPercent": ["numerator", "denominator"],
  "envoy.type.v3.Percent": ["value"],
};

const DENOMINATORS: readonly number[] = [100, 10_000, 1_000_000];

/** 0..1; `fallback` when unset. */
export function fraction(percent: FractionalPercent | undefined, fallback: number): number {
  if (percent === undefined) return fallback;
  return Math.min(1, percent.numerator / (DENOMINATORS[percent.denominator] ?? 100));
}

export function runtimeFraction(
  percent: RuntimeFractionalPercent | undefined,
  fallback: number,
): number {
  return percent === undefined ? fallback : fraction(percent.defaultValue, fallback);
}
