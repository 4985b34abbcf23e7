/** A list of owned chunks: what buffering filters hold and what moves when they continue. */
import type { BodyBuffer as BodyBufferContract } from "@legate/filter-sdk";

const EMPTY = new Uint8Array(0);

export class BodyBuffer implements BodyBufferContract {
  length = 0;
  chunks: Uint8Array[] = [];

  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  prepend(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.unshift(chunk);
    this.length += chunk.length;
  }

  moveFrom(other: BodyBufferContract): void {
    if (this.length === 0 && other instanceof BodyBuffer) {
      const spare = this.chunks;
      this.chunks = other.chunks;
      this.length = other.length;
      other.chunks = spare;
      other.length = 0;
      return;
    }
    for (const chunk of other.chunks) this.append(chunk);
    other.clear();
  }

  drain(count: number): void {
    let left = Math.min(count, this.length);
    this.length -= left;
    let dropped = 0;
    while (left > 0) {
      const chunk = this.chunks[dropped]!;
      if (chunk.length > left) {
        this.chunks[dropped] = chunk.subarray(left);
        break;
      }
      left -= chunk.length;
      dropped++;
    }
    if (dropped > 0) this.chunks.splice(0, dropped);
  }

  splice(start: number, count: number, bytes: Uint8Array): void {
    const whole = this.join();
    const from = Math.min(start, whole.length);
    const to = Math.min(from + count, whole.length);
    this.clear();
    this.append(whole.subarray(0, from));
    this.append(bytes);
    this.append(whole.subarray(to));
  }

  copyTo(target: Uint8Array, offset: number, start: number, count: number): number {
    let skip = start;
    let copied = 0;
    for (const chunk of this.chunks) {
      if (copied >= count) break;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const part = chunk.subarray(skip, skip + count - copied);
      target.set(part, offset + copied);
      copied += part.length;
      skip = 0;
    }
    return copied;
  }

  join(): Uint8Array {
    if (this.chunks.length === 0) return EMPTY;
    if (this.chunks.length > 1) this.chunks = [Buffer.concat(this.chunks, this.length)];
    return this.chunks[0]!;
  }

  clear(): void {
    this.chunks.length = 0;
    this.length = 0;
  }
}
