/** A running timer. */
export interface Timer {
  /** Stops it for good; harmless when it has fired or was stopped. */
  stop(): void;
  /** Starts the same delay anew, counted from now. */
  restart(): void;
}

/** Coarse timers for traffic: cheap to start, restart and stop; they fire at most 10 ms late. */
export interface Timers {
  /** Calls `fire(subject)` once after `delayMs`; give a module-level function, not a closure. */
  start<T>(delayMs: number, fire: (subject: T) => void, subject: T): Timer;
}

/** Wall and monotonic time; one reading per event is kept by the host. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions. */
  nowMs(): number;
  /** Monotonic milliseconds, with fractions. */
  monotonicMs(): number;
}
