/** Host → virtual host: exact, then the longest suffix wildcard, then the longest prefix wildcard, then `*`. */
export class VirtualHostIndex<T> {
  private readonly exact = new Map<string, T>();
  private readonly suffixes: [suffix: string, value: T][] = [];
  private readonly prefixes: [prefix: string, value: T][] = [];
  private fallback: T | null = null;
  private readonly ignoresPort: boolean;

  constructor(ignoresPort: boolean) {
    this.ignoresPort = ignoresPort;
  }

  /** False: the domain stands already. */
  add(domain: string, value: T): boolean {
    const name = domain.toLowerCase();
    if (name === "*") {
      if (this.fallback !== null) return false;
      this.fallback = value;
    } else if (name.startsWith("*")) return insert(this.suffixes, name.slice(1), value);
    else if (name.endsWith("*")) return insert(this.prefixes, name.slice(0, -1), value);
    else if (this.exact.has(name)) return false;
    else this.exact.set(name, value);
    return true;
  }

  find(host: string): T | null {
    if (this.exact.size === 0 && this.suffixes.length === 0 && this.prefixes.length === 0)
      return this.fallback;
    let name = host.toLowerCase();
    if (this.ignoresPort) name = name.replace(/:\d+$/, "");
    const exact = this.exact.get(name);
    if (exact !== undefined) return exact;
    for (const [suffix, value] of this.suffixes)
      if (name.length > suffix.length && name.endsWith(suffix)) return value;
    for (const [prefix, value] of this.prefixes)
      if (name.length > prefix.length && name.startsWith(prefix)) return value;
    return this.fallback;
  }
}

/** Longest first. */
function insert<T>(list: [string, T][], text: string, value: T): boolean {
  if (list.some(([known]) => known === text)) return false;
  list.push([text, value]);
  list.sort((a, b) => b[0].length - a[0].length);
  return true;
}
