/** Metrics that plugins define, under `wasmcustom.`; 64-bit arithmetic is the guests', stats are doubles. */
import type { Counter, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";
import { type HostMetric, MetricType } from "@legate/proxy-wasm";

export function defineMetric(stats: StatsScope, type: MetricType, name: string): HostMetric {
  const scope = stats.scope("wasmcustom");
  if (type === MetricType.Counter) return new CounterMetric(scope.counter(name));
  if (type === MetricType.Gauge) return new GaugeMetric(scope.gauge(name));
  return new HistogramMetric(scope.histogram(name));
}

class CounterMetric implements HostMetric {
  private readonly counter: Counter;

  constructor(counter: Counter) {
    this.counter = counter;
  }

  increment(offset: bigint): boolean {
    if (offset <= 0n) return false;
    this.counter.add(Number(offset));
    return true;
  }

  record(value: bigint): void {
    this.counter.add(Number(value));
  }

  value(): bigint {
    return BigInt(Math.trunc(this.counter.value));
  }
}

class GaugeMetric implements HostMetric {
  private readonly gauge: Gauge;

  constructor(gauge: Gauge) {
    this.gauge = gauge;
  }

  increment(offset: bigint): boolean {
    this.gauge.add(Number(offset));
    return true;
  }

  record(value: bigint): void {
    this.gauge.set(Number(value));
  }

  value(): bigint {
    return BigInt(Math.trunc(this.gauge.value));
  }
}

class HistogramMetric implements HostMetric {
  private readonly histogram: Histogram;

  constructor(histogram: Histogram) {
    this.histogram = histogram;
  }

  increment(): boolean {
    return false;
  }

  record(value: bigint): void {
    this.histogram.record(Number(value));
  }

  value(): null {
    return null;
  }
}
