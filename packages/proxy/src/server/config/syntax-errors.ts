/** What is wrong with a text that is no YAML or JSON, in words that name the mistake. */
import type { Notation } from "./scalars.ts";

export interface SyntaxProblem {
  /** Offset of the mistake in the text. */
  readonly offset: number;
  readonly message: string;
}

/** Puts the YAML parser's error into plain words. `offset` is where the parser noticed it. */
export function explainSyntaxError(
  text: string,
  notation: Notation,
  code: string,
  offset: number,
  parserMessage: string,
): SyntaxProblem {
  const open = openBracket(text);
  if (
    open !== null &&
    /Flow (?:map|sequence)|MISSING_CHAR|flow collection/.test(parserMessage + code)
  ) {
    const closing = text[open] === "{" ? "}" : "]";
    return {
      offset: open,
      message: `this '${text[open]}' is never closed: '${closing}' is missing`,
    };
  }
  if (notation === "json" && !parserMessage.startsWith("Missing"))
    return { offset, message: "this is no JSON from here on: is a comma missing?" };
  return { offset, message: WORDS[code] ?? explainByMessage(parserMessage) };
}

const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "tabs can't indent YAML: use spaces",
  BAD_ALIAS: "an alias (*name) can't have this form",
  BLOCK_AS_IMPLICIT_KEY:
    "a mapping or list starts inside of a value here: is the indentation right, or does the value need quotes?",
  BAD_INDENT: "the indentation of this line fits no line above",
  BAD_SCALAR_START: "a plain value can't start with this character: put it in quotes",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MULTILINE_IMPLICIT_KEY: "this line is no 'key: value': is the space after the colon missing?",
};

function explainByMessage(message: string): string {
  if (message.startsWith("Missing , ")) return "a comma is missing before this";
  if (message.startsWith("Missing closing")) return "this text has no closing quote";
  if (message.startsWith("Unexpected scalar"))
    return "nothing may stand here: the value above has ended";
  if (message.startsWith("All mapping items must start at the same column"))
    return "the indentation of this line fits no line above";
  return message.replace(/; please use .*$/, "").replace(/ at line \d+, column \d+:?$/, "");
}

/** Offset of the innermost `{` or `[` that nothing closes; null when all are closed. */
function openBracket(text: string): number | null {
  const open: number[] = [];
  for (const offset of marks(text)) {
    const char = text[offset]!;
    if (char === "{" || char === "[") {
      if (startsToken(text, offset) || open.length > 0) open.push(offset);
    } else if (char === "}" || char === "]") open.pop();
  }
  return open.at(-1) ?? null;
}

/** Offset of the first comment, of YAML's kind or JavaScript's; null when there is none. */
export function firstComment(text: string): number | null {
  for (const offset of marks(text)) if (text[offset] === "#" || text[offset] === "/") return offset;
  return null;
}

/** Offsets of brackets and comments outside of quoted text. */
function* marks(text: string): Generator<number> {
  let i = 0;
  while (i < text.length) {
    const char = text[i]!;
    if ((char === '"' || char === "'") && startsToken(text, i)) {
      i = endOfQuoted(text, char, i);
      continue;
    }
    const isComment =
      startsToken(text, i) && (char === "#" || (char === "/" && /[/*]/.test(text[i + 1] ?? "")));
    if (isComment || "{}[]".includes(char)) yield i;
    i = isComment ? endOfLine(text, i) : i + 1;
  }
}

function startsToken(text: string, offset: number): boolean {
  return offset === 0 || /[\s,[{:]/.test(text[offset - 1]!);
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}

function endOfQuoted(text: string, quote: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== quote) i += text[i] === "\\" && quote === '"' ? 2 : 1;
  return i + 1;
}
