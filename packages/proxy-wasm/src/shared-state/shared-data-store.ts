/** The key-value data of one vm_id, in memory shared by all threads. */
import { WasmResult } from "../abi/enums.ts";
import type { SharedData } from "../vm/host.ts";
import { HEADER_WORDS, SharedHeap } from "./shared-heap.ts";

/** Bytes of the memory that a store wants; what doesn't fit is refused. */
export const SHARED_DATA_BYTES = 16 * 1024 * 1024;

const LAST_CAS = HEADER_WORDS;
const BUCKETS = HEADER_WORDS + 1;
const BUCKET_COUNT = 1024;
/** An entry: next, cas, key bytes, value bytes, then key and value. */
const NEXT = 0;
const CAS = 1;
const KEY_SIZE = 2;
const VALUE_SIZE = 3;
const ENTRY_WORDS = 4;

export class SharedDataStore implements SharedData {
  private readonly heap: SharedHeap;

  constructor(memory: SharedArrayBuffer) {
    this.heap = new SharedHeap(memory, 1 + BUCKET_COUNT);
  }

  get(key: string): { value: Uint8Array; cas: number } | null {
    const { words, bytes } = this.heap;
    return this.heap.locked(() => {
      const entry = words[this.linkTo(key)]!;
      if (entry === 0) return null;
      const start = (entry + ENTRY_WORDS) * 4 + words[entry + KEY_SIZE]!;
      const value = Uint8Array.from(bytes.subarray(start, start + words[entry + VALUE_SIZE]!));
      return { value, cas: words[entry + CAS]! >>> 0 };
    });
  }

  set(key: string, value: Uint8Array, cas: number): WasmResult {
    const { heap } = this;
    const { words } = heap;
    return heap.locked(() => {
      const link = this.linkTo(key);
      const old = words[link]!;
      if (old !== 0 && cas !== 0 && words[old + CAS]! >>> 0 !== cas) return WasmResult.CasMismatch;
      const block = heap.allocate(ENTRY_WORDS * 4 + key.length + value.length);
      if (block === 0) return WasmResult.InternalFailure;
      words[block + NEXT] = old === 0 ? 0 : words[old + NEXT]!;
      words[block + CAS] = ++words[LAST_CAS]!;
      words[block + KEY_SIZE] = key.length;
      words[block + VALUE_SIZE] = value.length;
      const start = (block + ENTRY_WORDS) * 4;
      for (let i = 0; i < key.length; i++) heap.bytes[start + i] = key.charCodeAt(i);
      heap.bytes.set(value, start + key.length);
      words[link] = block;
      if (old !== 0)
        heap.free(old, ENTRY_WORDS * 4 + words[old + KEY_SIZE]! + words[old + VALUE_SIZE]!);
      return WasmResult.Ok;
    });
  }

  /** The word that holds the offset of the key's entry, or 0 at the end of its bucket. */
  private linkTo(key: string): number {
    const { words, bytes } = this.heap;
    let link = BUCKETS + (hash(key) % BUCKET_COUNT);
    for (let entry = words[link]!; entry !== 0; entry = words[link]!) {
      const size = words[entry + KEY_SIZE]!;
      const start = (entry + ENTRY_WORDS) * 4;
      if (size === key.length && matches(bytes, start, key)) return link;
      link = entry + NEXT;
    }
    return link;
  }
}

function matches(bytes: Uint8Array, start: number, key: string): boolean {
  for (let i = 0; i < key.length; i++)
    if (bytes[start + i] !== (key.charCodeAt(i) & 0xff)) return false;
  return true;
}

/** FNV-1a. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
