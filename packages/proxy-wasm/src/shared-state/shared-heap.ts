/**
 * Memory that threads share, cut into blocks of powers of two, with one lock. Everything in it is found
 * by offset: words of 4 bytes, counted from the start.
 *
 *     word 0 lock · 1 first free word · 2.. free lists by size · then the owner's words · then blocks
 */
const LOCK = 0;
const TOP = 1;
const FREE_LISTS = 2;
const MIN_BITS = 6;
const MAX_BITS = 24;
export const HEADER_WORDS = FREE_LISTS + MAX_BITS + 1;
/** A thread that dies inside the lock leaves it; nobody holds it for longer than this. */
const LOCK_PATIENCE_MS = 1000;

export class SharedHeap {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;

  /** `memory` is zero-filled or another thread's heap; `ownWords` words after the header are the caller's. */
  constructor(memory: SharedArrayBuffer, ownWords: number) {
    this.words = new Int32Array(memory);
    this.bytes = new Uint8Array(memory);
    Atomics.compareExchange(this.words, TOP, 0, HEADER_WORDS + ownWords);
  }

  /** Runs `action` alone. It must be short and must not throw halfway. */
  locked<T>(action: () => T): T {
    while (Atomics.compareExchange(this.words, LOCK, 0, 1) !== 0) {
      const result = Atomics.wait(this.words, LOCK, 1, LOCK_PATIENCE_MS);
      if (result === "timed-out") break;
    }
    try {
      return action();
    } finally {
      Atomics.store(this.words, LOCK, 0);
      Atomics.notify(this.words, LOCK, 1);
    }
  }

  /** Word offset of a block of at least `bytes`; 0 when there is no room. Only inside locked(). */
  allocate(bytes: number): number {
    const bits = bitsFor(bytes);
    if (bits > MAX_BITS) return 0;
    const { words } = this;
    const free = words[FREE_LISTS + bits]!;
    if (free !== 0) {
      words[FREE_LISTS + bits] = words[free]!;
      return free;
    }
    const block = words[TOP]!;
    const end = block + 2 ** (bits - 2);
    if (end > words.length) return 0;
    words[TOP] = end;
    return block;
  }

  /** `bytes` as given to allocate. Only inside locked(). */
  free(block: number, bytes: number): void {
    const list = FREE_LISTS + bitsFor(bytes);
    this.words[block] = this.words[list]!;
    this.words[list] = block;
  }
}

function bitsFor(bytes: number): number {
  return Math.max(MIN_BITS, 32 - Math.clz32(bytes - 1));
}
