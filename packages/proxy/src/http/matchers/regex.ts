/**
 * Regular expressions with RE2's syntax and linear time. Patterns that a native RegExp runs in linear
 * time and understands alike run natively; all others run on re2js.
 */
import { RE2JS } from "re2js";

export interface Regex {
  /** The whole text matches. */
  matchesAll(text: string): boolean;
  /** Some part of the text matches. */
  search(text: string): boolean;
  /** Replaces every match; `substitution` knows `\0` to `\9`. */
  replace(text: string, substitution: string): string;
  /** Instructions of the compiled program; RE2 itself needs some more, or up to two fewer. */
  readonly programSize: number;
}

/** A pattern that RE2 refuses; the message is RE2's. */
export class RegexError extends Error {}

/**
 * Literals, `.`, classes and groups without repetition inside of repetition: backtracking has no
 * choice to make twice, so native matching is linear.
 */
const SIMPLE =
  /^\^?(?:[A-Za-z0-9_/ :,;=@~<>"'#&%!-]|\\[./+?*()[\]{}|^$-])*(?:(?:\.|\[[A-Za-z0-9_./ -]+\])[*+])?(?:[A-Za-z0-9_/ :,;=@~<>"'#&%!-]|\\[./+?*()[\]{}|^$-])*\$?$/;

export function compileRegex(pattern: string): Regex {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw new RegexError(
      (error as Error).message.replace(/^error parsing regexp: /, "").replaceAll("`", ""),
    );
  }
  const programSize = compiled.programSize();
  const replace = (text: string, substitution: string) =>
    compiled.matcher(text).replaceAll(
      substitution
        .replaceAll("$", "\\$")
        .replace(/\\(\d)/g, "$$$1")
        .replaceAll("\\\\$", "\\$"),
    );
  if (SIMPLE.test(pattern)) {
    const whole = new RegExp(`^(?:${pattern})$`, "s");
    const part = new RegExp(pattern, "s");
    return {
      matchesAll: (text) => whole.test(text),
      search: (text) => part.test(text),
      replace,
      programSize,
    };
  }
  return {
    matchesAll: (text) => compiled.matches(text),
    search: (text) => compiled.matcher(text).find(),
    replace,
    programSize,
  };
}
