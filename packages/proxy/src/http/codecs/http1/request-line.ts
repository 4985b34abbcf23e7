/** Parses a request line: three runs of characters between white space, as quiche's BalsaFrame has it. */
import { isTargetValid, isToken } from "./absolute-url.ts";
import { hasInvalid } from "./characters.ts";
import { CODEC_ERROR, INVALID_CHARACTERS } from "./field-parser.ts";

/** Methods accepted unless custom ones are allowed. Found by trying them on the real Envoy. */
const METHODS: ReadonlySet<string> = new Set(
  (
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE " +
    "MSEARCH NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE " +
    "SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE"
  ).split(" "),
);

/** One per thread serves all codecs: its fields are read right after `parse`. */
class RequestLine {
  /** Details of the fault, or "". */
  error = "";
  method = "";
  target = "";
  isHttp11 = true;
  /** HTTP/0.9: the request line is the whole request. */
  isWithoutVersion = false;

  /** The line begins at `text`'s first character and ends before `lineEnd`, where its LF is. */
  parse(text: string, lineEnd: number, allowCustomMethods: boolean): boolean {
    // Perf: what nearly all lines look like.
    const space = text.indexOf(" ");
    const pathEnd = lineEnd - 10;
    if (
      text.charCodeAt(space + 1) === 47 &&
      pathEnd > space &&
      text.startsWith(" HTTP/1.1\r", pathEnd)
    ) {
      const method = knownMethod(text, space);
      if (method !== "") {
        let i = space + 2;
        while (i < pathEnd) {
          const c = text.charCodeAt(i);
          if (c < 33 || c > 126) break;
          i++;
        }
        if (i === pathEnd) {
          this.error = "";
          this.method = method;
          this.target = text.substring(space + 1, pathEnd);
          this.isHttp11 = true;
          this.isWithoutVersion = false;
          return true;
        }
      }
    }
    this.error = this.parseSlowly(text.slice(0, lineEnd), allowCustomMethods);
    return this.error === "";
  }

  private parseSlowly(line: string, allowCustomMethods: boolean): string {
    if (hasInvalid(line, 0, line.length)) return INVALID_CHARACTERS;
    const methodEnd = runEnd(line, 0);
    const targetStart = gapEnd(line, methodEnd);
    const targetEnd = runEnd(line, targetStart);
    const version = line.slice(gapEnd(line, targetEnd)).trimEnd();
    this.method = line.slice(0, methodEnd);
    this.target = line.slice(targetStart, targetEnd);
    if (allowCustomMethods ? !isToken(this.method) : !METHODS.has(this.method)) return CODEC_ERROR;
    if (!isTargetValid(this.target, this.method === "CONNECT")) return CODEC_ERROR;
    this.isWithoutVersion = version === "";
    this.isHttp11 = version === "HTTP/1.1";
    if (this.isWithoutVersion || this.isHttp11) return "";
    return isVersion(version) ? "" : CODEC_ERROR;
  }
}

export const requestLine = new RequestLine();

/** The methods of nearly all requests, without making a string. */
function knownMethod(text: string, length: number): string {
  switch (length) {
    case 3:
      if (text.startsWith("GET")) return "GET";
      return text.startsWith("PUT") ? "PUT" : "";
    case 4:
      if (text.startsWith("POST")) return "POST";
      return text.startsWith("HEAD") ? "HEAD" : "";
    case 5:
      return text.startsWith("PATCH") ? "PATCH" : "";
    case 6:
      return text.startsWith("DELETE") ? "DELETE" : "";
    default:
      return "";
  }
}

/** `HTTP/` digit `.` digit. */
export function isVersion(text: string): boolean {
  if (text.length !== 8 || !text.startsWith("HTTP/") || text[6] !== ".") return false;
  const major = text.charCodeAt(5);
  const minor = text.charCodeAt(7);
  return major >= 48 && major <= 57 && minor >= 48 && minor <= 57;
}

/** End of the run of non-white characters from `start` on. */
export function runEnd(line: string, start: number): number {
  let i = start;
  while (i < line.length && line.charCodeAt(i) > 32) i++;
  return i;
}

/** End of the white space from `start` on. */
export function gapEnd(line: string, start: number): number {
  let i = start;
  while (i < line.length && line.charCodeAt(i) <= 32) i++;
  return i;
}
