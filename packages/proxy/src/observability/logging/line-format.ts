/** spdlog patterns (`--log-format`) → a function that prints one line of the application log. */
import { LEVELS } from "./components.ts";

export const DEFAULT_LINE_FORMAT = "[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v";

export interface LogLine {
  readonly timeMs: number;
  /** Process id of the main thread, ids above it for workers: what stands for a thread's id. */
  readonly threadId: number;
  readonly level: number;
  readonly component: string;
  readonly message: string;
}

export type LineFormat = (line: LogLine) => string;

type Piece = (line: LogLine, date: Date) => string;

const two = (n: number): string => String(n).padStart(2, "0");
const three = (n: number): string => String(n).padStart(3, "0");
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const SHORT_LEVELS = ["T", "D", "I", "W", "E", "C", "O"];

function time(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

// There is no C++ file and line: each component has one source name, and line 1.
const FLAGS: Readonly<Record<string, Piece>> = {
  v: (line) => line.message,
  _: (line) => escapeLines(line.message),
  n: (line) => line.component,
  l: (line) => LEVELS[line.level] ?? "off",
  L: (line) => SHORT_LEVELS[line.level] ?? "O",
  t: (line) => String(line.threadId),
  P: () => String(process.pid),
  g: (line) => `legate/${line.component}.ts`,
  s: (line) => `${line.component}.ts`,
  "#": () => "1",
  "@": (line) => `legate/${line.component}.ts:1`,
  "!": () => "",
  Y: (_, date) => String(date.getFullYear()),
  C: (_, date) => two(date.getFullYear() % 100),
  m: (_, date) => two(date.getMonth() + 1),
  d: (_, date) => two(date.getDate()),
  H: (_, date) => two(date.getHours()),
  I: (_, date) => two(date.getHours() % 12 || 12),
  M: (_, date) => two(date.getMinutes()),
  S: (_, date) => two(date.getSeconds()),
  e: (_, date) => three(date.getMilliseconds()),
  f: (line) => String(Math.floor((line.timeMs % 1000) * 1e3)).padStart(6, "0"),
  F: (line) => String(Math.floor((line.timeMs % 1000) * 1e6)).padStart(9, "0"),
  E: (line) => String(Math.floor(line.timeMs / 1000)),
  p: (_, date) => (date.getHours() < 12 ? "AM" : "PM"),
  T: (_, date) => time(date),
  X: (_, date) => time(date),
  D: (_, date) =>
    `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`,
  a: (_, date) => DAYS[date.getDay()]!.slice(0, 3),
  A: (_, date) => DAYS[date.getDay()]!,
  b: (_, date) => MONTHS[date.getMonth()]!,
  z: (_, date) => zone(-date.getTimezoneOffset()),
  // Colours of a range: none, the log isn't a terminal's.
  "^": () => "",
  $: () => "",
  "%": () => "%",
};

function zone(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

function escapeLines(message: string): string {
  return message.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

/** Unknown flags are printed as they stand, as spdlog does. `isEscaped`: `--log-format-escaped`. */
export function compileLineFormat(pattern: string, isEscaped = false): LineFormat {
  const pieces: Piece[] = [];
  let position = 0;
  for (const match of pattern.matchAll(/%[-=]?\d*!?(.)/gs)) {
    pushLiteral(pieces, pattern.slice(position, match.index));
    const flag = isEscaped && match[1] === "v" ? "_" : match[1]!;
    const piece = FLAGS[flag];
    if (piece === undefined) pushLiteral(pieces, match[0]);
    else pieces.push(piece);
    position = match.index + match[0].length;
  }
  pushLiteral(pieces, pattern.slice(position));
  return (line) => {
    const date = new Date(line.timeMs);
    let text = "";
    for (const piece of pieces) text += piece(line, date);
    return `${text}\n`;
  };
}

function pushLiteral(pieces: Piece[], text: string): void {
  if (text !== "") pieces.push(() => text);
}
