/** Parses a status line as quiche's BalsaFrame and Envoy's checks on it do. */
import { hasInvalid } from "./characters.ts";
import { CODEC_ERROR, INVALID_CHARACTERS } from "./field-parser.ts";
import { gapEnd, isVersion, runEnd } from "./request-line.ts";

/** Longer numbers are no status of anybody's. */
const MAX_DIGITS = 9;

/** One per thread serves all codecs: its fields are read right after `parse`. */
class StatusLine {
  error = "";
  status = 0;
  /** The status in digits. */
  statusText = "";
  isHttp11 = true;

  /** The line begins at `text`'s first character and ends before `lineEnd`, where its LF is. */
  parse(text: string, lineEnd: number): boolean {
    // Perf: what nearly all lines look like; the reason phrase counts for nothing.
    if (text.startsWith("HTTP/1.1 200 OK\r")) {
      this.status = 200;
      this.statusText = "200";
      this.isHttp11 = true;
      if (lineEnd === 16) return true;
    }
    const line = text.slice(0, lineEnd);
    this.error = this.parseSlowly(line);
    return this.error === "";
  }

  private parseSlowly(line: string): string {
    if (hasInvalid(line, 0, line.length)) return INVALID_CHARACTERS;
    const versionEnd = runEnd(line, 0);
    const statusStart = gapEnd(line, versionEnd);
    const statusEnd = runEnd(line, statusStart);
    if (!isVersion(line.slice(0, versionEnd))) return CODEC_ERROR;
    this.isHttp11 = line.startsWith("HTTP/1.1");
    let start = statusStart;
    // What a C++ string-to-number reads: a plus sign and any number of digits.
    if (line.charCodeAt(start) === 43) start++;
    if (start === statusEnd || statusEnd - start > MAX_DIGITS) return CODEC_ERROR;
    let status = 0;
    for (let i = start; i < statusEnd; i++) {
      const digit = line.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) return CODEC_ERROR;
      status = status * 10 + digit;
    }
    this.status = status;
    this.statusText = String(status);
    return "";
  }
}

export const statusLineParser = new StatusLine();
