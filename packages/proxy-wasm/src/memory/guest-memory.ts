/**
 * A guest's linear memory. Every access is checked; the views are renewed when the guest has grown its
 * memory, which detaches old ones (their length is then 0).
 */
import { latin1Slice, writeLatin1 } from "./latin1.ts";

const utf8 = new TextDecoder();

export class GuestMemory {
  private readonly memory: WebAssembly.Memory;
  private cachedBytes: Uint8Array;
  private cachedView: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.cachedBytes = new Uint8Array(memory.buffer);
    this.cachedView = new DataView(memory.buffer);
  }

  /** All of it, now. Don't keep it across a call into the guest. */
  get bytes(): Uint8Array {
    if (this.cachedBytes.length === 0) this.renew();
    return this.cachedBytes;
  }

  get view(): DataView {
    if (this.cachedBytes.length === 0) this.renew();
    return this.cachedView;
  }

  private renew(): void {
    this.cachedBytes = new Uint8Array(this.memory.buffer);
    this.cachedView = new DataView(this.memory.buffer);
  }

  /** Arguments are i32 as the guest gave them (negative ones are large addresses). */
  contains(pointer: number, size: number): boolean {
    return (pointer >>> 0) + (size >>> 0) <= this.bytes.length;
  }

  /** Null outside of memory. */
  readLatin1(pointer: number, size: number): string | null {
    if (size === 0) return "";
    if (!this.contains(pointer, size)) return null;
    const start = pointer >>> 0;
    return latin1Slice(this.bytes, start, start + (size >>> 0));
  }

  /** Malformed sequences become U+FFFD; null outside of memory. */
  readUtf8(pointer: number, size: number): string | null {
    const bytes = this.slice(pointer, size);
    return bytes === null ? null : utf8.decode(bytes);
  }

  /** A view for immediate use; null outside of memory. */
  slice(pointer: number, size: number): Uint8Array | null {
    if (size === 0) return EMPTY;
    if (!this.contains(pointer, size)) return null;
    const start = pointer >>> 0;
    return this.bytes.subarray(start, start + (size >>> 0));
  }

  /** A copy of its own; null outside of memory. */
  copy(pointer: number, size: number): Uint8Array | null {
    const bytes = this.slice(pointer, size);
    return bytes === null ? null : Uint8Array.from(bytes);
  }

  /** False outside of memory. */
  writeU32(pointer: number, value: number): boolean {
    if (!this.contains(pointer, 4)) return false;
    this.view.setUint32(pointer >>> 0, value, true);
    return true;
  }

  writeU64(pointer: number, value: bigint): boolean {
    if (!this.contains(pointer, 8)) return false;
    this.view.setBigUint64(pointer >>> 0, value, true);
    return true;
  }

  writeBytes(pointer: number, bytes: Uint8Array): boolean {
    if (!this.contains(pointer, bytes.length)) return false;
    this.bytes.set(bytes, pointer >>> 0);
    return true;
  }

  writeLatin1(pointer: number, text: string): boolean {
    if (!this.contains(pointer, text.length)) return false;
    writeLatin1(this.bytes, pointer >>> 0, text);
    return true;
  }
}

const EMPTY = new Uint8Array(0);
