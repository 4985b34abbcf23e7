/**
 * Bytes of a body on their way: a list of chunks that are moved, not joined. Whoever holds a
 * BodyBuffer owns its chunks; a chunk is never changed in place once appended.
 */
export interface BodyBuffer {
  /** Bytes held. */
  readonly length: number;
  readonly chunks: readonly Uint8Array[];
  /** Takes ownership of `chunk`. Empty chunks are ignored. */
  append(chunk: Uint8Array): void;
  prepend(chunk: Uint8Array): void;
  /** Moves all bytes of `other` to the end of this one; `other` is empty afterwards. */
  moveFrom(other: BodyBuffer): void;
  /** Drops the first `count` bytes, at most all. */
  drain(count: number): void;
  /** Replaces `count` bytes at `start` by `bytes`; positions past the end append. */
  splice(start: number, count: number, bytes: Uint8Array): void;
  /** Copies bytes [start, start + count) to `target` at `offset`; returns the number copied. */
  copyTo(target: Uint8Array, offset: number, start: number, count: number): number;
  /** All bytes as one array (joins the chunks once; the result is shared, don't change it). */
  join(): Uint8Array;
  clear(): void;
}
