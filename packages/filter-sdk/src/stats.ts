/** Counts events since the start. */
export interface Counter {
  inc(): void;
  add(count: number): void;
  /** This thread's share. */
  readonly value: number;
}

/** A level that goes up and down; summed over the threads. */
export interface Gauge {
  inc(): void;
  dec(): void;
  add(count: number): void;
  sub(count: number): void;
  set(value: number): void;
  /** This thread's share. */
  readonly value: number;
}

/** A distribution; the unit is part of its name (`_ms`, `_bytes`) as in Envoy. */
export interface Histogram {
  record(value: number): void;
}

/**
 * Names are Envoy's full dotted names without the scope's prefix. Asking twice for a name gives the
 * same object. Look names up when config is built, not per request.
 */
export interface StatsScope {
  readonly prefix: string;
  counter(name: string): Counter;
  gauge(name: string): Gauge;
  histogram(name: string): Histogram;
  /** A scope whose names start with this prefix and `name` and a dot. */
  scope(name: string): StatsScope;
}
