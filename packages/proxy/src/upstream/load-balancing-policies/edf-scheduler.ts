/**
 * Earliest deadline first: picks entries in proportion to their weights, evenly spread. Each entry's
 * next deadline lies 1 / weight after its last one; a binary heap keeps the earliest on top.
 */
interface Entry<T> {
  deadline: number;
  order: number;
  readonly value: T;
}

export class EdfScheduler<T> {
  private readonly heap: Entry<T>[] = [];
  private now = 0;
  private order = 0;

  add(value: T, weight: number): void {
    this.push({ deadline: this.now + 1 / weight, order: this.order++, value });
  }

  /** The next value; it stays, with the weight that `weightOf` gives it now. Null when empty. */
  next(weightOf: (value: T) => number): T | null {
    const top = this.heap[0];
    if (top === undefined) return null;
    this.now = top.deadline;
    const last = this.heap.pop()!;
    if (last !== top) {
      this.heap[0] = last;
      this.sink(0);
    }
    this.add(top.value, weightOf(top.value));
    return top.value;
  }

  private push(entry: Entry<T>): void {
    let i = this.heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, this.heap[parent]!)) break;
      this.heap[i] = this.heap[parent]!;
      i = parent;
    }
    this.heap[i] = entry;
  }

  private sink(start: number): void {
    const { heap } = this;
    const entry = heap[start]!;
    let i = start;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, entry)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = entry;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
