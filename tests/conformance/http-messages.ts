/** Reads HTTP/1 messages from bytes as latin1 text: what a well-meaning peer makes of them. */

export interface Message {
  /** Request line or status line. */
  readonly first: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** False while bytes are missing. */
  readonly complete: boolean;
  /** Offset behind its last byte. */
  readonly end: number;
}

/** Header value by lower-case name, of the first line of that name. */
export function header(message: Pick<Message, "headers">, name: string): string | undefined {
  return message.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/**
 * The request at `start`, or null while its head is incomplete.
 */
export function readRequest(text: string, start: number): Message | null {
  return read(text, start, "none", false);
}

/**
 * The response at `start`, or null while its head is incomplete. `isHead`: it answers HEAD;
 * `isClosed`: no more bytes will come, which ends a body of unknown length.
 */
export function readResponse(
  text: string,
  start: number,
  isHead: boolean,
  isClosed: boolean,
): Message | null {
  const status = Number(text.slice(start + 9, start + 12));
  const hasNoBody = isHead || status === 204 || status === 304 || (status >= 100 && status < 200);
  return read(text, start, hasNoBody ? "never" : "until-close", isClosed);
}

function read(
  text: string,
  start: number,
  body: "none" | "never" | "until-close",
  isClosed: boolean,
): Message | null {
  const headEnd = text.indexOf("\r\n\r\n", start);
  if (headEnd < 0) return null;
  const [first = "", ...lines] = text.slice(start, headEnd).split("\r\n");
  const headers = lines.map(splitLine);
  const bodyStart = headEnd + 4;
  const message = { first, headers, body: "", trailers: [], complete: true, end: bodyStart };
  if (body === "never") return message;
  if (header(message, "transfer-encoding") !== undefined) {
    return { ...message, ...readChunks(text, bodyStart) };
  }
  const length = header(message, "content-length");
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    return {
      ...message,
      body: text.slice(bodyStart, end),
      complete: text.length >= end,
      end: Math.min(end, text.length),
    };
  }
  if (body === "none") return message;
  return { ...message, body: text.slice(bodyStart), complete: isClosed, end: text.length };
}

function readChunks(
  text: string,
  start: number,
): Pick<Message, "body" | "trailers" | "complete" | "end"> {
  let body = "";
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return { body, trailers: [], complete: false, end: text.length };
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) break;
    const dataEnd = lineEnd + 2 + size;
    body += text.slice(lineEnd + 2, dataEnd);
    if (!(text.length >= dataEnd + 2)) {
      return { body, trailers: [], complete: false, end: text.length };
    }
    at = dataEnd + 2;
  }
  at = text.indexOf("\r\n", at) + 2;
  const trailers: (readonly [string, string])[] = [];
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return { body, trailers, complete: false, end: text.length };
    if (lineEnd === at) return { body, trailers, complete: true, end: at + 2 };
    trailers.push(splitLine(text.slice(at, lineEnd)));
    at = lineEnd + 2;
  }
}

function splitLine(line: string): readonly [string, string] {
  const colon = line.indexOf(":", 1);
  if (colon < 0) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}
