/** Path checks and normalisation, before anything else reads the path. */

export const EscapedSlashes = {
  Keep: 0,
  Reject: 1,
  UnescapeAndRedirect: 2,
  UnescapeAndForward: 3,
} as const;
export type EscapedSlashes = (typeof EscapedSlashes)[keyof typeof EscapedSlashes];

export interface PathOptions {
  /** HttpConnectionManager.normalize_path. */
  readonly normalizes: boolean;
  /** HttpConnectionManager.merge_slashes. */
  readonly mergesSlashes: boolean;
  /** HttpConnectionManager.path_with_escaped_slashes_action. */
  readonly escapedSlashes: EscapedSlashes;
}

/** The path to go on with; null: refuse with 400. `redirects`: answer 307 with that path. */
export interface NormalizedPath {
  readonly path: string | null;
  readonly redirects: boolean;
}

const ESCAPED_SLASH = /%(2f|5c)/i;
const ESCAPED_SLASHES = /%(2f|5c)/gi;
const SEVERAL_SLASHES = /\/{2,}/g;
const PERCENT_TRIPLET = /%([0-9a-f]{2})/gi;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const BAD_PERCENT = /%(?![0-9a-fA-F]{2})/;

/** Unchanged paths come back as the same string. `path` includes the query, which is never touched. */
export function normalizePath(path: string, options: PathOptions): NormalizedPath {
  const query = path.indexOf("?");
  let plain = query < 0 ? path : path.slice(0, query);
  const rest = query < 0 ? "" : path.slice(query);
  let redirects = false;
  if (options.escapedSlashes !== EscapedSlashes.Keep && ESCAPED_SLASH.test(plain)) {
    if (options.escapedSlashes === EscapedSlashes.Reject) return { path: null, redirects: false };
    plain = plain.replace(ESCAPED_SLASHES, (_, code: string) =>
      code.toLowerCase() === "2f" ? "/" : "\\",
    );
    redirects = options.escapedSlashes === EscapedSlashes.UnescapeAndRedirect;
  }
  if (options.normalizes) {
    const canonical = canonicalize(plain);
    if (canonical === null) return { path: null, redirects: false };
    plain = canonical;
  }
  if (options.mergesSlashes) plain = plain.replace(SEVERAL_SLASHES, "/");
  return { path: plain + rest, redirects };
}

/** RFC 3986 §6.2.2: unreserved characters decoded, dot segments resolved; `\` counts as `/`. */
function canonicalize(path: string): string | null {
  if (BAD_PERCENT.test(path) || path.includes("%00")) return null;
  const decoded = path.replaceAll("\\", "/").replace(PERCENT_TRIPLET, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : triplet.toUpperCase();
  });
  const out: string[] = [];
  const segments = decoded.split("/");
  for (let i = 1; i < segments.length; i++) {
    const segment = segments[i]!;
    const isLast = i === segments.length - 1;
    if (segment === ".") {
      if (isLast) out.push("");
    } else if (segment === "..") {
      out.pop();
      if (isLast) out.push("");
    } else out.push(segment);
  }
  return `/${out.join("/")}`;
}
