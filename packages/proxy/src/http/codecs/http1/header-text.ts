/** Writes header maps as HTTP/1 lines and chunks as chunked coding. */
import type { ByteSink } from "../../codec.ts";
import type { HeaderMap } from "../../header-map.ts";
import { latin1 } from "./latin1.ts";
import { HeaderKeyFormat } from "./options.ts";

/** Larger chunks are not copied into the text beside them. */
const JOIN_LIMIT_BYTES = 4096;

/** The lines of all but pseudo headers, `:authority` as `host`; `text` goes in front. */
export function appendHeaders(text: string, headers: HeaderMap, format: HeaderKeyFormat): string {
  const { names, values } = headers;
  if (format === HeaderKeyFormat.ProperCaseWords) return appendProperCase(text, headers);
  let out = text;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name.charCodeAt(0) !== 58) out += `${name}: ${values[i]!}\r\n`;
    else if (name === ":authority") out += `host: ${values[i]!}\r\n`;
  }
  return out;
}

function appendProperCase(text: string, headers: HeaderMap): string {
  const { names, values } = headers;
  let out = text;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name === ":authority") out += `Host: ${values[i]!}\r\n`;
    else if (name.charCodeAt(0) !== 58) out += `${properCase(name)}: ${values[i]!}\r\n`;
  }
  return out;
}

/** `x-request-id` → `X-Request-Id`. Upper case follows every character that is no letter or digit. */
export function properCase(name: string): string {
  let out = "";
  let isStart = true;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const isLetter = c >= 97 && c <= 122;
    out += isStart && isLetter ? String.fromCharCode(c - 32) : name[i];
    isStart = !isLetter && !(c >= 48 && c <= 57) && !(c >= 65 && c <= 90);
  }
  return out;
}

/** Writes body bytes as they are; small ones as text, so that they join the headers before them. */
export function writeBody(sink: ByteSink, chunk: Uint8Array): void {
  const size = chunk.length;
  if (size >= JOIN_LIMIT_BYTES) sink.writeBytes(chunk);
  else if (size > 0) sink.write(latin1(chunk, 0, size));
}

/** Writes one chunk; with `isLast` the body's end too, without trailers. */
export function writeChunk(sink: ByteSink, chunk: Uint8Array, isLast: boolean): void {
  const size = chunk.length;
  if (size === 0) {
    if (isLast) sink.write("0\r\n\r\n");
    return;
  }
  const head = `${size.toString(16)}\r\n`;
  const tail = isLast ? "\r\n0\r\n\r\n" : "\r\n";
  if (size < JOIN_LIMIT_BYTES) {
    sink.write(head + latin1(chunk, 0, size) + tail);
    return;
  }
  sink.write(head);
  sink.writeBytes(chunk);
  sink.write(tail);
}

/** Ends a chunked body with trailers. */
export function writeTrailers(sink: ByteSink, trailers: HeaderMap, format: HeaderKeyFormat): void {
  sink.write(`${appendHeaders("0\r\n", trailers, format)}\r\n`);
}
