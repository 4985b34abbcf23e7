/** A header map as the host library needs it: the embedder's own map fits if it has these members. */
export interface HeaderMap {
  /** Number of entries. */
  readonly size: number;
  /** Sum of the lengths of names and values. */
  readonly byteSize: number;
  /** The first value of that lowercase name; one character is one byte. */
  get(name: string): string | undefined;
  /** Replaces all values of that name, or adds it. */
  set(name: string, value: string): void;
  add(name: string, value: string): void;
  remove(name: string): number;
  nameAt(index: number): string;
  valueAt(index: number): string;
  /** Replaces everything; names and values in turn. */
  replaceAll(pairs: readonly string[]): void;
}

const FORBIDDEN = /[\0\r\n]/;

/** True for text that may stand in a header's name or value: no CR, LF or NUL. */
export function isHeaderText(text: string): boolean {
  return !FORBIDDEN.test(text);
}
