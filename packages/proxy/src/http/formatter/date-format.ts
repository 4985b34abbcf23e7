/** Wall times as text: strftime patterns with fractions, compiled once, cached per second. */

/** Prints ms since the epoch. */
export type DateFormat = (timeMs: number) => string;

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const three = (n: number): string => String(n).padStart(3, "0");

/** A Date whose UTC getters give the fields of the wanted zone, and that zone's offset. */
interface Fields {
  readonly date: Date;
  readonly offsetMinutes: number;
  readonly second: number;
}

type Piece = (fields: Fields) => string;

const hour12 = (hour: number): number => hour % 12 || 12;

function zone({ offsetMinutes }: Fields, separator: string): string {
  const minutes = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

function zoneName(fields: Fields): string {
  if (fields.offsetMinutes === 0) return "UTC";
  const real = new Date(fields.second * 1000);
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(real);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone(fields, "");
}

const SPECIFIERS: Readonly<Record<string, Piece>> = {
  Y: ({ date }) => String(date.getUTCFullYear()),
  y: ({ date }) => two(date.getUTCFullYear() % 100),
  C: ({ date }) => two(Math.floor(date.getUTCFullYear() / 100)),
  m: ({ date }) => two(date.getUTCMonth() + 1),
  d: ({ date }) => two(date.getUTCDate()),
  e: ({ date }) => String(date.getUTCDate()).padStart(2, " "),
  H: ({ date }) => two(date.getUTCHours()),
  k: ({ date }) => String(date.getUTCHours()).padStart(2, " "),
  I: ({ date }) => two(hour12(date.getUTCHours())),
  l: ({ date }) => String(hour12(date.getUTCHours())).padStart(2, " "),
  M: ({ date }) => two(date.getUTCMinutes()),
  S: ({ date }) => two(date.getUTCSeconds()),
  p: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  a: ({ date }) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: ({ date }) => DAYS[date.getUTCDay()]!,
  b: ({ date }) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  h: ({ date }) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: ({ date }) => MONTHS[date.getUTCMonth()]!,
  j: ({ date }) =>
    three(1 + Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)),
  u: ({ date }) => String(date.getUTCDay() || 7),
  w: ({ date }) => String(date.getUTCDay()),
  s: ({ second }) => String(second),
  z: (fields) => zone(fields, ""),
  Z: zoneName,
  n: () => "\n",
  t: () => "\t",
  "%": () => "%",
};

/** Specifiers that stand for others. */
const COMPOSED: Readonly<Record<string, string>> = {
  T: "%H:%M:%S",
  R: "%H:%M",
  F: "%Y-%m-%d",
  D: "%m/%d/%y",
  c: "%a %b %e %H:%M:%S %Y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
  r: "%I:%M:%S %p",
};

/**
 * Compiles a strftime pattern with Envoy's `%f`, `%1f` to `%9f` (fraction of the second) and absl's
 * `%Ez`; "" is ISO 8601 in UTC with ms. Throws an Error at an unknown specifier.
 */
export function compileDateFormat(pattern: string, isLocal: boolean): DateFormat {
  if (pattern === "") {
    return isLocal ? compile("%Y-%m-%dT%H:%M:%S.%3f%Ez", true) : isoFormat();
  }
  return compile(pattern, isLocal);
}

/** `2026-11-24T00:56:45.486Z` */
function isoFormat(): DateFormat {
  let cachedSecond = -1;
  let prefix = "";
  return (timeMs) => {
    const whole = Math.floor(timeMs);
    const second = Math.floor(whole / 1000);
    if (second !== cachedSecond) {
      cachedSecond = second;
      prefix = new Date(second * 1000).toISOString().slice(0, 20);
    }
    const ms = whole - second * 1000;
    return `${prefix}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
  };
}

/** Text pieces, cached for a second, between fractions of so many digits. */
function compile(pattern: string, isLocal: boolean): DateFormat {
  const runs: Piece[][] = [[]];
  const digits: number[] = [];
  const expanded = pattern.replace(/%([TRFDcxXr])/g, (_, letter) => COMPOSED[letter]!);
  for (let i = 0; i < expanded.length; i++) {
    const character = expanded[i]!;
    if (character !== "%") {
      runs.at(-1)!.push(() => character);
      continue;
    }
    const fraction = /^%([1-9]?)f/.exec(expanded.slice(i));
    if (fraction !== null) {
      digits.push(fraction[1] === "" ? 9 : Number(fraction[1]));
      runs.push([]);
      i += fraction[0].length - 1;
      continue;
    }
    if (expanded.startsWith("%Ez", i)) {
      runs.at(-1)!.push((fields) => zone(fields, ":"));
      i += 2;
      continue;
    }
    const letter = expanded[++i] ?? "";
    const piece = SPECIFIERS[letter];
    if (piece === undefined) throw new Error(`Unsupported time specifier %${letter}`);
    runs.at(-1)!.push(piece);
  }
  return cached(runs, digits, isLocal);
}

function cached(runs: readonly Piece[][], digits: readonly number[], isLocal: boolean): DateFormat {
  let cachedSecond = -1;
  let texts: string[] = [];
  return (timeMs) => {
    const second = Math.floor(timeMs / 1000);
    if (second !== cachedSecond) {
      cachedSecond = second;
      const offsetMinutes = isLocal ? -new Date(second * 1000).getTimezoneOffset() : 0;
      const date = new Date((second + offsetMinutes * 60) * 1000);
      const fields = { date, offsetMinutes, second };
      texts = runs.map((run) => run.map((piece) => piece(fields)).join(""));
    }
    let text = texts[0]!;
    if (digits.length === 0) return text;
    const nanoseconds = String(Math.floor((timeMs - second * 1000) * 1e6)).padStart(9, "0");
    for (let i = 0; i < digits.length; i++) text += nanoseconds.slice(0, digits[i]) + texts[i + 1];
    return text;
  };
}
