/** The main thread's view of all threads' stats: sums them by name, latches histograms at a flush. */
import {
  BINS_PER_DECADE,
  type Bin,
  binAt,
  DECADES,
  EMPTY_HISTOGRAM,
  HistogramData,
  MIN_DECADE,
} from "./histogram-bins.ts";
import { StatKind, type StatsMessage } from "./messages.ts";

/** One thread's two histogram slots and its decades. */
interface HistogramPart {
  readonly slots: Float64Array;
  readonly index: number;
  readonly decades: ({ slots: Float64Array; index: number } | null)[];
}

interface ScalarPart {
  readonly thread: number;
  readonly slots: Float64Array;
  readonly index: number;
}

export class CounterSnapshot {
  readonly name: string;
  readonly parts: ScalarPart[] = [];
  /** What POST /reset_counters subtracts: main may not write to a worker's memory. */
  private base = 0;

  constructor(name: string) {
    this.name = name;
  }

  get value(): number {
    return this.total() - this.base;
  }

  isUsed(): boolean {
    return this.total() !== 0;
  }

  reset(): void {
    this.base = this.total();
  }

  private total(): number {
    let total = 0;
    for (const part of this.parts) total += part.slots[part.index]!;
    return total;
  }
}

/** Gauges that say the same on each thread: merged by their maximum, where others are added up. */
const SAME_EVERYWHERE =
  /\.circuit_breakers\.[a-z]+\.(?:cx|cx_pool|rq|rq_pending|rq_retry)_open$|\.(?:membership_\w+|max_host_weight|warming_state|version|lb_subsets_active)$/;

export class GaugeSnapshot {
  readonly name: string;
  /** Of living threads only. */
  parts: ScalarPart[] = [];
  private readonly merge: (a: number, b: number) => number;

  constructor(name: string) {
    this.name = name;
    this.merge = SAME_EVERYWHERE.test(name) ? Math.max : add;
  }

  get value(): number {
    let value = 0;
    for (const part of this.parts) value = this.merge(value, part.slots[part.index]!);
    return value;
  }

  isUsed(): boolean {
    return this.parts.some((part) => part.slots[part.index + 1] !== 0);
  }
}

function add(a: number, b: number): number {
  return a + b;
}

export class HistogramSnapshot {
  readonly name: string;
  readonly parts = new Map<number, HistogramPart>();
  /** All values up to the last flush. */
  cumulative: HistogramData = EMPTY_HISTOGRAM;
  /** Those between the last two flushes. */
  interval: HistogramData = EMPTY_HISTOGRAM;
  /** Counts at the last flush: zeros, then bins by decade. */
  private latched = new Float64Array(1 + DECADES * BINS_PER_DECADE);
  private latchedSum = 0;

  constructor(name: string) {
    this.name = name;
  }

  isUsed(): boolean {
    return this.cumulative.count > 0;
  }

  /** Cumulative becomes what the threads have now, interval what was added since the last flush. */
  flush(): void {
    const counts = new Float64Array(this.latched.length);
    let sum = 0;
    for (const part of this.parts.values()) {
      counts[0]! += part.slots[part.index]!;
      sum += part.slots[part.index + 1]!;
      for (let d = 0; d < DECADES; d++) addDecade(counts, part.decades[d] ?? null, d);
    }
    const interval = counts.map((count, i) => count - this.latched[i]!);
    this.interval = new HistogramData(binsOf(interval), sum - this.latchedSum);
    if (this.interval.count > 0) this.cumulative = new HistogramData(binsOf(counts), sum);
    this.latched = counts;
    this.latchedSum = sum;
  }
}

function addDecade(
  counts: Float64Array,
  decade: { slots: Float64Array; index: number } | null,
  d: number,
): void {
  if (decade === null) return;
  const first = 1 + d * BINS_PER_DECADE;
  for (let i = 0; i < BINS_PER_DECADE; i++) {
    counts[first + i]! += decade.slots[decade.index + i]!;
  }
}

function binsOf(counts: Float64Array): Bin[] {
  const bins: Bin[] = [];
  if (counts[0]! > 0) bins.push({ lower: 0, width: 0, count: counts[0]! });
  for (let i = 1; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    const decade = Math.floor((i - 1) / BINS_PER_DECADE) + MIN_DECADE;
    bins.push(binAt(decade, (i - 1) % BINS_PER_DECADE, count));
  }
  return bins;
}

/** Thread numbers are the caller's and never used twice: a restarted worker gets a new one. */
export class StatsRegistry {
  readonly counters = new Map<string, CounterSnapshot>();
  readonly gauges = new Map<string, GaugeSnapshot>();
  readonly histograms = new Map<string, HistogramSnapshot>();
  readonly textReadouts = new Map<string, string>();
  private readonly blocks = new Map<number, Float64Array[]>();

  /** Takes one message of that thread's ThreadStats; messages of a thread must come in order. */
  receive(thread: number, message: StatsMessage): void {
    switch (message.type) {
      case "stats-block": {
        const blocks = this.blocks.get(thread) ?? [];
        blocks[message.block] = new Float64Array(message.buffer);
        this.blocks.set(thread, blocks);
        return;
      }
      case "stats-name":
        this.addName(thread, message.name, message.kind, message.block, message.index);
        return;
      case "stats-decade": {
        const slots = this.blocks.get(thread)?.[message.block];
        const part = this.histograms.get(message.name)?.parts.get(thread);
        if (slots === undefined || part === undefined) return;
        part.decades[message.decade - MIN_DECADE] = { slots, index: message.index };
        return;
      }
      case "stats-text":
        this.textReadouts.set(message.name, message.value);
        return;
    }
  }

  /** A worker died: what it counted stays, its levels go. */
  dropThread(thread: number): void {
    for (const gauge of this.gauges.values()) {
      gauge.parts = gauge.parts.filter((part) => part.thread !== thread);
    }
    this.blocks.delete(thread);
  }

  /** Every stats_flush_interval (5 s): what the next reads of histograms show. */
  flush(): void {
    for (const histogram of this.histograms.values()) histogram.flush();
  }

  resetCounters(): void {
    for (const counter of this.counters.values()) counter.reset();
  }

  /** The counter's sum over the threads; 0 if there is none of that name. */
  counterValue(name: string): number {
    return this.counters.get(name)?.value ?? 0;
  }

  /** The gauge's sum over the threads; 0 if there is none of that name. */
  gaugeValue(name: string): number {
    return this.gauges.get(name)?.value ?? 0;
  }

  private addName(
    thread: number,
    name: string,
    kind: StatKind,
    block: number,
    index: number,
  ): void {
    const slots = this.blocks.get(thread)?.[block];
    if (slots === undefined) return;
    switch (kind) {
      case StatKind.Counter:
        entry(this.counters, name, CounterSnapshot).parts.push({ thread, slots, index });
        return;
      case StatKind.Gauge:
        entry(this.gauges, name, GaugeSnapshot).parts.push({ thread, slots, index });
        return;
      case StatKind.Histogram: {
        const decades = new Array(DECADES).fill(null);
        entry(this.histograms, name, HistogramSnapshot).parts.set(thread, {
          slots,
          index,
          decades,
        });
        return;
      }
    }
  }
}

function entry<T>(map: Map<string, T>, name: string, create: new (name: string) => T): T {
  let found = map.get(name);
  if (found === undefined) {
    found = new create(name);
    map.set(name, found);
  }
  return found;
}
