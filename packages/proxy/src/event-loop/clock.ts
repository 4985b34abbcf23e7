/** Time as traffic code sees it: read once per event, kept until the next one. */
import type { Clock } from "@legate/filter-sdk";

/** How old the wall clock's offset may get, ms: a stepped system clock shows after that time. */
const OFFSET_LIFETIME_MS = 1000;

export class EventClock implements Clock {
  private monotonic = performance.now();
  private offset = Date.now() - this.monotonic;
  private offsetExpires = this.monotonic + OFFSET_LIFETIME_MS;

  /** Reads the clock: called where an event enters the process (bytes, timer, connection). */
  update(): void {
    const now = performance.now();
    this.monotonic = now;
    if (now > this.offsetExpires) {
      this.offset = Date.now() - now;
      this.offsetExpires = now + OFFSET_LIFETIME_MS;
    }
  }

  nowMs(): number {
    return this.monotonic + this.offset;
  }

  monotonicMs(): number {
    return this.monotonic;
  }
}
