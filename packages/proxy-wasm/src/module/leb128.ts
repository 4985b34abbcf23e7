/** Unsigned LEB128 integers of the Wasm binary format. Source: WebAssembly core, 5.2.2. */

/** Reads bytes from a position that moves on; every read is checked. */
export class BinaryReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  /** Throws a RangeError past the end. */
  byte(): number {
    if (this.position >= this.end) throw new RangeError("truncated");
    return this.bytes[this.position++]!;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("integer too long");
  }

  skip(count: number): void {
    if (count > this.end - this.position) throw new RangeError("truncated");
    this.position += count;
  }

  name(): string {
    const length = this.u32();
    const start = this.position;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(start, this.position));
  }
}

/** Appends `value` to `target`. */
export function pushU32(target: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    target.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  target.push(rest);
}
