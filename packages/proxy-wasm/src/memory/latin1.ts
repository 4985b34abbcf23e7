/** Latin1 text ↔ bytes: one character, one byte. Node's Buffer does long texts where there is one. */

interface NodeBufferMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const node = (globalThis as { Buffer?: { prototype: NodeBufferMethods } }).Buffer?.prototype;
/** Perf: below this, a loop beats the call (benchmarks/micro/wasm-memory.ts). */
const SHORT = 24;
const CHUNK = 8192;

/** Writes `text` at `start`; it must fit. */
export function writeLatin1(bytes: Uint8Array, start: number, text: string): void {
  const { length } = text;
  if (length > SHORT && node !== undefined) {
    node.latin1Write.call(bytes, text, start, length);
    return;
  }
  for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i);
}

/** Bytes [start, end) as text; they must exist. */
export function latin1Slice(bytes: Uint8Array, start: number, end: number): string {
  if (node !== undefined) return start === end ? "" : node.latin1Slice.call(bytes, start, end);
  let text = "";
  for (let i = start; i < end; i += CHUNK)
    text += String.fromCharCode(...bytes.subarray(i, Math.min(i + CHUNK, end)));
  return text;
}
