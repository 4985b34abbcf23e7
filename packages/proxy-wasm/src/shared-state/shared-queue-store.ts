/** All shared queues of the process. The thread that registered a queue last is told of its items. */
import { WasmResult } from "../abi/enums.ts";
import type { SharedQueues } from "../vm/host.ts";
import { HEADER_WORDS, SharedHeap } from "./shared-heap.ts";

/** Bytes of the memory that the store wants; what doesn't fit is refused. */
export const SHARED_QUEUE_BYTES = 16 * 1024 * 1024;

const MAX_QUEUES = 1024;
const COUNT = HEADER_WORDS;
const QUEUES = HEADER_WORDS + 1;
/** A queue: first item, last item, items ever added, registrations, name's bytes, then the name. */
const FIRST = 0;
const LAST = 1;
const ADDED = 2;
const OWNER = 3;
const NAME_SIZE = 4;
const QUEUE_WORDS = 5;
/** An item: next, bytes, then the value. */
const NEXT = 0;
const SIZE = 1;
const ITEM_WORDS = 2;

export class SharedQueueStore implements SharedQueues {
  private readonly heap: SharedHeap;

  constructor(memory: SharedArrayBuffer) {
    this.heap = new SharedHeap(memory, 1 + MAX_QUEUES);
  }

  register(vmId: string, name: string, onReady: (token: number) => void): number {
    const { heap } = this;
    const { words } = heap;
    const registered = heap.locked(() => {
      const token = this.find(vmId, name) || this.create(`${vmId}\0${name}`);
      if (token === 0) return null;
      const queue = words[QUEUES + token - 1]!;
      return { token, queue, owner: ++words[queue + OWNER]!, added: words[queue + ADDED]! };
    });
    if (registered === null) return 0;
    const { token, queue, owner, added } = registered;
    void this.watch(queue, owner, added, () => onReady(token));
    return token;
  }

  resolve(vmId: string, name: string): number {
    return this.heap.locked(() => this.find(vmId, name));
  }

  enqueue(token: number, value: Uint8Array): WasmResult {
    const { heap } = this;
    const { words } = heap;
    const queue = this.queueOf(token);
    if (queue === 0) return WasmResult.NotFound;
    const isAdded = heap.locked(() => {
      const item = heap.allocate(ITEM_WORDS * 4 + value.length);
      if (item === 0) return false;
      words[item + NEXT] = 0;
      words[item + SIZE] = value.length;
      heap.bytes.set(value, (item + ITEM_WORDS) * 4);
      const last = words[queue + LAST]!;
      words[last === 0 ? queue + FIRST : last + NEXT] = item;
      words[queue + LAST] = item;
      return true;
    });
    if (!isAdded) return WasmResult.InternalFailure;
    Atomics.add(words, queue + ADDED, 1);
    Atomics.notify(words, queue + ADDED);
    return WasmResult.Ok;
  }

  dequeue(token: number): Uint8Array | WasmResult {
    const { heap } = this;
    const { words } = heap;
    const queue = this.queueOf(token);
    if (queue === 0) return WasmResult.NotFound;
    return heap.locked(() => {
      const item = words[queue + FIRST]!;
      if (item === 0) return WasmResult.Empty;
      const size = words[item + SIZE]!;
      const start = (item + ITEM_WORDS) * 4;
      const value = Uint8Array.from(heap.bytes.subarray(start, start + size));
      words[queue + FIRST] = words[item + NEXT]!;
      if (words[queue + FIRST] === 0) words[queue + LAST] = 0;
      heap.free(item, ITEM_WORDS * 4 + size);
      return value;
    });
  }

  /** Tells of each item that is added, until another registration takes over. */
  private async watch(
    queue: number,
    owner: number,
    seenAtFirst: number,
    onItem: () => void,
  ): Promise<void> {
    const { words } = this.heap;
    for (let seen = seenAtFirst; ; ) {
      const waiting = Atomics.waitAsync(words, queue + ADDED, seen);
      // Never inside the hostcall that added the item.
      await waiting.value;
      const added = Atomics.load(words, queue + ADDED);
      for (; seen !== added; seen = (seen + 1) | 0) {
        if (Atomics.load(words, queue + OWNER) !== owner) return;
        onItem();
      }
    }
  }

  private queueOf(token: number): number {
    return token >= 1 && token <= MAX_QUEUES ? this.heap.words[QUEUES + token - 1]! : 0;
  }

  private find(vmId: string, name: string): number {
    const { words, bytes } = this.heap;
    const wanted = `${vmId}\0${name}`;
    for (let token = 1; token <= words[COUNT]!; token++) {
      const queue = words[QUEUES + token - 1]!;
      if (words[queue + NAME_SIZE] !== wanted.length) continue;
      const start = (queue + QUEUE_WORDS) * 4;
      let i = 0;
      while (i < wanted.length && bytes[start + i] === (wanted.charCodeAt(i) & 0xff)) i++;
      if (i === wanted.length) return token;
    }
    return 0;
  }

  private create(name: string): number {
    const { heap } = this;
    const { words } = heap;
    if (words[COUNT]! >= MAX_QUEUES) return 0;
    const queue = heap.allocate(QUEUE_WORDS * 4 + name.length);
    if (queue === 0) return 0;
    words.fill(0, queue, queue + QUEUE_WORDS);
    words[queue + NAME_SIZE] = name.length;
    const start = (queue + QUEUE_WORDS) * 4;
    for (let i = 0; i < name.length; i++) heap.bytes[start + i] = name.charCodeAt(i);
    const token = ++words[COUNT]!;
    words[QUEUES + token - 1] = queue;
    return token;
  }
}
