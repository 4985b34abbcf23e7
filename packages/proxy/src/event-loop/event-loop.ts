/**
 * One thread's event loop as traffic code sees it: clock, timers, and the connections whose writes
 * wait for the end of the current event, so that each gets one system call.
 */
import { EventClock } from "./clock.ts";
import { CoarseTimers } from "./timers.ts";

/** Something with writes held back until the end of the event. */
export interface Flushable {
  flush(): void;
}

export class EventLoop {
  readonly clock: EventClock;
  readonly timers: CoarseTimers;
  private depth = 0;
  private dirty: Flushable[] = [];
  private spare: Flushable[] = [];
  private isMicrotaskQueued = false;
  private readonly onMicrotask: () => void;

  constructor() {
    this.clock = new EventClock();
    this.timers = new CoarseTimers(
      this.clock,
      () => this.begin(),
      () => this.end(),
    );
    this.onMicrotask = () => {
      this.isMicrotaskQueued = false;
      this.flushAll();
    };
  }

  /** An event enters: bytes, timer, message. Events may nest; the outermost one flushes. */
  begin(): void {
    if (this.depth++ === 0) this.clock.update();
  }

  end(): void {
    if (--this.depth === 0) this.flushAll();
  }

  /** `flushable.flush` is called once at the end of this event, or soon when outside of any. */
  flushLater(flushable: Flushable): void {
    this.dirty.push(flushable);
    if (this.depth > 0 || this.isMicrotaskQueued) return;
    this.isMicrotaskQueued = true;
    queueMicrotask(this.onMicrotask);
  }

  private flushAll(): void {
    while (this.dirty.length > 0) {
      const list = this.dirty;
      this.dirty = this.spare;
      for (let i = 0; i < list.length; i++) list[i]!.flush();
      list.length = 0;
      this.spare = list;
    }
  }
}
