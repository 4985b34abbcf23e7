/** What is wrong with a configuration, each with its place. */

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `static_resources.listeners[0].address`; "" for the whole document. */
  readonly path: string;
}

export interface Problem {
  readonly severity: "error" | "warning";
  readonly place: Place;
  readonly message: string;
}

/** `file:line:column: path: message`, one line. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path } = problem.place;
  const at = line > 0 ? `${file}:${line}:${column}` : file;
  const text = problem.message.replaceAll("\n", " ").trimEnd();
  return path === "" ? `${at}: ${text}` : `${at}: ${path}: ${text}`;
}

/** Thrown where a configuration can't be used; holds at least one problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** Runs steps that throw ConfigErrors and throws one with all their problems at the end. */
export class ProblemCollector {
  private readonly problems: Problem[] = [];

  async attempt(step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.problems.push(...error.problems);
    }
  }

  finish(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}

/** The name that a misspelt one was probably meant to be; null if none is near. */
export function nearest(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  // At least one letter must stay.
  let least = Math.min(Math.max(2, Math.floor(name.length / 3)) + 1, name.length);
  for (const candidate of known) {
    const distance = editDistance(name, candidate, least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + change));
    }
    previous = current;
  }
  return previous[b.length]!;
}
