/** Fixed bytes behind the interface of a body: configurations and answers to callouts. */
import type { BodyBuffer } from "./host.ts";

export class BytesBuffer implements BodyBuffer {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  copyTo(target: Uint8Array, offset: number, start: number, count: number): number {
    const part = this.bytes.subarray(start, start + count);
    target.set(part, offset);
    return part.length;
  }

  /** Never called: hostcalls refuse to change these. */
  splice(): void {}
}
