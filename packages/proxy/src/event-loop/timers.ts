/**
 * Coarse timers: one ordered list per delay, one runtime timer per list.
 *
 * Timers of one delay expire in the order in which they were (re)started, so starting, stopping
 * and restarting are operations on a linked list; the runtime's timer is armed once per list.
 */
import type { Timer, Timers } from "@legate/filter-sdk";
import type { EventClock } from "./clock.ts";

class Entry implements Timer {
  previous: Entry | null = null;
  next: Entry | null = null;
  deadline = 0;
  isRunning = false;
  readonly list: DelayList;
  readonly fire: (subject: never) => void;
  readonly subject: unknown;

  constructor(list: DelayList, fire: (subject: never) => void, subject: unknown) {
    this.list = list;
    this.fire = fire;
    this.subject = subject;
  }

  stop(): void {
    if (this.isRunning) this.list.unlink(this);
  }

  restart(): void {
    if (this.isRunning) this.list.unlink(this);
    this.list.append(this);
  }
}

class DelayList {
  readonly delayMs: number;
  private readonly owner: CoarseTimers;
  private head: Entry | null = null;
  private tail: Entry | null = null;
  private runtimeTimer: NodeJS.Timeout | null = null;

  constructor(owner: CoarseTimers, delayMs: number) {
    this.owner = owner;
    this.delayMs = delayMs;
  }

  append(entry: Entry): void {
    entry.deadline = this.owner.clock.monotonicMs() + this.delayMs;
    entry.isRunning = true;
    entry.previous = this.tail;
    entry.next = null;
    if (this.tail === null) this.head = entry;
    else this.tail.next = entry;
    this.tail = entry;
    if (this.runtimeTimer === null) this.arm(this.delayMs);
  }

  unlink(entry: Entry): void {
    entry.isRunning = false;
    if (entry.previous === null) this.head = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === null) this.tail = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = null;
    entry.next = null;
  }

  private arm(delayMs: number): void {
    this.runtimeTimer = setTimeout(runDelayList, Math.max(1, Math.ceil(delayMs)), this);
  }

  run(): void {
    this.runtimeTimer = null;
    this.owner.beginEvent();
    const now = this.owner.clock.monotonicMs();
    for (let entry = this.head; entry !== null && entry.deadline <= now; entry = this.head) {
      this.unlink(entry);
      entry.fire(entry.subject as never);
    }
    this.owner.endEvent();
    if (this.runtimeTimer !== null) return;
    if (this.head === null) this.owner.forget(this);
    else this.arm(this.head.deadline - now);
  }

  dispose(): void {
    if (this.runtimeTimer !== null) clearTimeout(this.runtimeTimer);
    this.runtimeTimer = null;
  }
}

function runDelayList(list: DelayList): void {
  list.run();
}

export class CoarseTimers implements Timers {
  readonly clock: EventClock;
  /** Called before and after the timers of one list fire: the clock's update, the writes' flush. */
  beginEvent: () => void;
  endEvent: () => void;
  private readonly lists = new Map<number, DelayList>();

  constructor(clock: EventClock, beginEvent: () => void, endEvent: () => void) {
    this.clock = clock;
    this.beginEvent = beginEvent;
    this.endEvent = endEvent;
  }

  start<T>(delayMs: number, fire: (subject: T) => void, subject: T): Timer {
    const delay = Math.max(1, Math.round(delayMs));
    let list = this.lists.get(delay);
    if (list === undefined) {
      list = new DelayList(this, delay);
      this.lists.set(delay, list);
    }
    const entry = new Entry(list, fire as (subject: never) => void, subject);
    list.append(entry);
    return entry;
  }

  /** Lists of delays nobody uses go away, so that random delays don't pile up. */
  forget(list: DelayList): void {
    if (this.lists.get(list.delayMs) === list) this.lists.delete(list.delayMs);
  }

  /** Stops everything: for a worker's end. */
  dispose(): void {
    for (const list of this.lists.values()) list.dispose();
    this.lists.clear();
  }
}
