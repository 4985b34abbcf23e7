/** Bytes → latin1 text by the runtime's own primitive, without the checks of Buffer.toString. */

const slice: (this: Uint8Array, start: number, end: number) => string =
  Buffer.prototype.latin1Slice;

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return slice.call(bytes, start, end);
}
