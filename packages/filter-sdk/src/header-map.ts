/**
 * Headers or trailers of one message, in order of arrival. Names are lowercase; values are latin1
 * strings (one character, one byte). Pseudo headers (`:method`, `:path`, `:authority`, `:scheme`,
 * `:status`) are entries like any other and stand first. Names given to a method must already be
 * lowercase. Neither names nor values are checked here: the codec refuses what HTTP forbids.
 */
export interface HeaderMap {
  /** Number of entries; a header with three lines counts three. */
  readonly size: number;
  /** Sum of the lengths of all names and values, bytes. */
  readonly byteSize: number;
  /** The first value of that name. */
  get(name: string): string | undefined;
  /** All values of that name, in order. */
  getAll(name: string): string[];
  has(name: string): boolean;
  /** Replaces all values of that name by one, at the first one's place or at the end. */
  set(name: string, value: string): void;
  /** Adds an entry at the end, or joins with `,` where Envoy keeps one value of that name. */
  add(name: string, value: string): void;
  /** Removes all entries of that name and returns how many there were. */
  remove(name: string): number;
  /** The name of entry `index`, 0 ≤ index < size. */
  nameAt(index: number): string;
  /** The value of entry `index`, 0 ≤ index < size. */
  valueAt(index: number): string;
  /** Replaces everything; `pairs` holds name, value, name, value … */
  replaceAll(pairs: readonly string[]): void;
  entries(): IterableIterator<[name: string, value: string]>;
}
