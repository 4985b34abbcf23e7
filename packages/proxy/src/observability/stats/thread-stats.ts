/**
 * One thread's counters, gauges and histograms: it alone writes them, in its own shared memory, so
 * counting is a plain addition; the main thread reads them from there.
 */
import type { Counter, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";
import { BINS_PER_DECADE, binInDecade, DECADES, decadeOf, MIN_DECADE } from "./histogram-bins.ts";
import { StatKind, type StatsMessage } from "./messages.ts";

/** Slots of one block: 64 KiB. */
const BLOCK_SLOTS = 8192;

/** Most names one thread may have; further ones are counted nowhere and in stats.overflow. */
export const DEFAULT_MAX_NAMES = 1_000_000;
/** Longest name. */
const MAX_NAME_LENGTH = 1024;

interface Place {
  readonly slots: Float64Array;
  readonly index: number;
  readonly block: number;
}

class SharedCounter implements Counter {
  private readonly slots: Float64Array;
  private readonly index: number;

  constructor(place: Place) {
    this.slots = place.slots;
    this.index = place.index;
  }

  inc(): void {
    this.slots[this.index]!++;
  }

  add(count: number): void {
    this.slots[this.index]! += count;
  }

  get value(): number {
    return this.slots[this.index]!;
  }
}

class SharedGauge implements Gauge {
  private readonly slots: Float64Array;
  private readonly index: number;

  constructor(place: Place) {
    this.slots = place.slots;
    this.index = place.index;
  }

  inc(): void {
    this.add(1);
  }

  dec(): void {
    this.add(-1);
  }

  add(count: number): void {
    this.slots[this.index]! += count;
    this.slots[this.index + 1] = 1;
  }

  sub(count: number): void {
    this.add(-count);
  }

  set(value: number): void {
    this.slots[this.index] = value;
    this.slots[this.index + 1] = 1;
  }

  get value(): number {
    return this.slots[this.index]!;
  }
}

class SharedHistogram implements Histogram {
  private readonly stats: ThreadStats;
  private readonly name: string;
  private readonly head: Float64Array;
  private readonly headIndex: number;
  /** Per decade; -1 until the first value of that size. */
  private readonly decadeIndex = new Int32Array(DECADES).fill(-1);
  private readonly decadeSlots: (Float64Array | null)[] = new Array(DECADES).fill(null);

  constructor(stats: ThreadStats, name: string, place: Place) {
    this.stats = stats;
    this.name = name;
    this.head = place.slots;
    this.headIndex = place.index;
  }

  /** Values that aren't positive numbers count as 0. */
  record(value: number): void {
    const decade = value > 0 ? decadeOf(value) : MIN_DECADE - 1;
    if (decade < MIN_DECADE) {
      this.head[this.headIndex]!++;
      return;
    }
    this.head[this.headIndex + 1]! += value;
    const d = decade - MIN_DECADE;
    const slots = this.decadeSlots[d] ?? this.addDecade(d, decade);
    slots[this.decadeIndex[d]! + binInDecade(value, decade)]!++;
  }

  private addDecade(d: number, decade: number): Float64Array {
    const { slots, index, block } = this.stats.allocate(BINS_PER_DECADE);
    this.decadeSlots[d] = slots;
    this.decadeIndex[d] = index;
    this.stats.announce({ type: "stats-decade", name: this.name, decade, block, index });
    return slots;
  }
}

export class ThreadStats {
  private readonly post: (message: StatsMessage) => void;
  private readonly maxNames: number;
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();
  private block: Float64Array | null = null;
  private blockNumber = -1;
  private used = 0;
  private overflow: Counter | null = null;

  /** `post` carries a message to the StatsRegistry (structured clone; buffers stay shared). */
  constructor(post: (message: StatsMessage) => void, maxNames: number = DEFAULT_MAX_NAMES) {
    this.post = post;
    this.maxNames = maxNames;
  }

  /** A scope for names with that prefix: "" or ending in a dot. */
  scope(prefix: string): StatsScope {
    return new ThreadScope(this, prefix);
  }

  counter(name: string): Counter {
    const existing = this.counters.get(name);
    if (existing !== undefined) return existing;
    if (!this.accepts(name)) return new SharedCounter(this.refuse(1));
    const created = new SharedCounter(this.register(name, StatKind.Counter, 1));
    this.counters.set(name, created);
    return created;
  }

  gauge(name: string): Gauge {
    const existing = this.gauges.get(name);
    if (existing !== undefined) return existing;
    if (!this.accepts(name)) return new SharedGauge(this.refuse(2));
    const created = new SharedGauge(this.register(name, StatKind.Gauge, 2));
    this.gauges.set(name, created);
    return created;
  }

  histogram(name: string): Histogram {
    const existing = this.histograms.get(name);
    if (existing !== undefined) return existing;
    if (!this.accepts(name)) {
      this.refuse(0);
      return DISCARDING_HISTOGRAM;
    }
    const created = new SharedHistogram(this, name, this.register(name, StatKind.Histogram, 2));
    this.histograms.set(name, created);
    return created;
  }

  /** Sets a text readout (`control_plane.identifier`, `version_text`). */
  textReadout(name: string, value: string): void {
    this.post({ type: "stats-text", name, value });
  }

  /** Contiguous zeroed slots in shared memory. For this folder. */
  allocate(count: number): Place {
    if (this.block === null || this.used + count > BLOCK_SLOTS) {
      const buffer = new SharedArrayBuffer(BLOCK_SLOTS * Float64Array.BYTES_PER_ELEMENT);
      this.block = new Float64Array(buffer);
      this.blockNumber++;
      this.used = 0;
      this.post({ type: "stats-block", block: this.blockNumber, buffer });
    }
    const index = this.used;
    this.used += count;
    return { slots: this.block, index, block: this.blockNumber };
  }

  /** For this folder. */
  announce(message: StatsMessage): void {
    this.post(message);
  }

  private accepts(name: string): boolean {
    const names = this.counters.size + this.gauges.size + this.histograms.size;
    return name.length <= MAX_NAME_LENGTH && names < this.maxNames;
  }

  private register(name: string, kind: StatKind, slots: number): Place {
    const place = this.allocate(slots);
    this.post({ type: "stats-name", name, kind, block: place.block, index: place.index });
    return place;
  }

  /** A place that its owner writes and nobody reads. */
  private refuse(slots: number): Place {
    this.overflow ??= new SharedCounter(this.register("stats.overflow", StatKind.Counter, 1));
    this.overflow.inc();
    return { slots: new Float64Array(slots), index: 0, block: -1 };
  }
}

const DISCARDING_HISTOGRAM: Histogram = { record: () => {} };

class ThreadScope implements StatsScope {
  readonly prefix: string;
  private readonly stats: ThreadStats;

  constructor(stats: ThreadStats, prefix: string) {
    this.stats = stats;
    this.prefix = prefix;
  }

  counter(name: string): Counter {
    return this.stats.counter(this.prefix + name);
  }

  gauge(name: string): Gauge {
    return this.stats.gauge(this.prefix + name);
  }

  histogram(name: string): Histogram {
    return this.stats.histogram(this.prefix + name);
  }

  scope(name: string): StatsScope {
    return new ThreadScope(this.stats, `${this.prefix}${name}.`);
  }
}
