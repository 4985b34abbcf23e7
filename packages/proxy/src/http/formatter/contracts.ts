/** Compiled substitution format strings: access logs, headers to add, local reply bodies. */
import type { StreamInfo } from "@legate/filter-sdk";

/** A value as JSON would have it: what json_format and typed values need. */
export type FormatValue =
  | string
  | number
  | boolean
  | null
  | FormatValue[]
  | { [key: string]: FormatValue };

/**
 * A compiled format. Everything it prints comes from the stream's info, whose header maps are
 * null where the message didn't exist.
 */
export interface Formatter {
  /** Text; a missing value prints as `-` (or "" where the format omits empty values). */
  format(info: StreamInfo): string;
  /** The typed value of a format that is one single operator; null when unset. */
  formatValue(info: StreamInfo): FormatValue;
}
