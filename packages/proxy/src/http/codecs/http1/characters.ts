/** Classes of latin1 characters as the HTTP/1 parsers need them, one table look-up each. */

/** 0: not a token character; 1: one; 2: an upper-case letter. RFC 9110 §5.6.2. */
export const TOKEN = new Uint8Array(256);
/** 1 where a header block must not hold the character: controls but TAB, LF, CR; and DEL. */
export const INVALID = new Uint8Array(256);
/** 1 in the host part of an absolute request target, before it is looked at closely. */
export const URL_AUTHORITY = new Uint8Array(256);
/** 1 where `:authority` may hold the character. */
export const AUTHORITY = new Uint8Array(256);
/** Value of a hex digit; -1: none. */
export const HEX = new Int8Array(256).fill(-1);

const LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function mark(table: Uint8Array, characters: string): void {
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = 1;
}

mark(TOKEN, `!#$%&'*+-.^_\`|~${LETTERS_AND_DIGITS}`);
for (let c = 65; c <= 90; c++) TOKEN[c] = 2;
for (let c = 0; c < 32; c++) if (c !== 9 && c !== 10 && c !== 13) INVALID[c] = 1;
INVALID[127] = 1;
mark(URL_AUTHORITY, `!$%&'()*+,-.:;=@[]_~${LETTERS_AND_DIGITS}`);
mark(AUTHORITY, `!$%&'()*+,-.:;=@[]_~${LETTERS_AND_DIGITS}`);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  HEX[digit.charCodeAt(0)] = i;
  HEX[digit.toUpperCase().charCodeAt(0)] = i;
}

/** Whether [start, end) holds a character that no header block may hold. */
export function hasInvalid(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (INVALID[text.charCodeAt(i)] === 1) return true;
  return false;
}

/** Equal but for the case of ASCII letters; `lower` is in lower case. */
export function equalsIgnoreCase(text: string, lower: string): boolean {
  return text === lower || (text.length === lower.length && text.toLowerCase() === lower);
}

/** Whether a comma-separated list holds a token, whatever its case; `lower` is in lower case. */
export function hasListToken(list: string, lower: string): boolean {
  if (list.length < lower.length) return false;
  if (equalsIgnoreCase(list, lower)) return true;
  for (let start = 0; start <= list.length; ) {
    let end = list.indexOf(",", start);
    if (end < 0) end = list.length;
    if (equalsIgnoreCase(list.slice(start, end).trim(), lower)) return true;
    start = end + 1;
  }
  return false;
}
