/**
 * A token bucket that all workers share: one number, the time up to which tokens are spent.
 *
 * Tokens in stock are (now − spent) × rate, at most `maxTokens`; taking one moves `spent` forward by
 * 1 / rate. The number lies in shared memory and is exchanged atomically.
 */
export interface TokenBucketOptions {
  readonly maxTokens: number;
  readonly tokensPerFill: number;
  readonly fillIntervalMs: number;
}

export const TOKEN_BUCKET_BYTES = 8;

export class TokenBucket {
  private readonly spent: BigInt64Array<ArrayBufferLike>;
  private readonly maxTokens: number;
  private readonly tokensPerMs: number;
  private readonly bits = new BigInt64Array(1);
  private readonly asNumber = new Float64Array(this.bits.buffer);

  /** `memory`: TOKEN_BUCKET_BYTES, zero-filled at first; the bucket is then full. */
  constructor(memory: ArrayBufferLike, options: TokenBucketOptions) {
    this.spent = new BigInt64Array(memory, 0, 1);
    this.maxTokens = options.maxTokens;
    this.tokensPerMs = options.tokensPerFill / options.fillIntervalMs;
  }

  /** Takes one token if there is one. `nowMs`: wall clock. */
  take(nowMs: number): boolean {
    for (;;) {
      const old = Atomics.load(this.spent, 0);
      const spent = this.spentAt(old, nowMs);
      if ((nowMs - spent) * this.tokensPerMs < 1) return false;
      this.asNumber[0] = spent + 1 / this.tokensPerMs;
      if (Atomics.compareExchange(this.spent, 0, old, this.bits[0]!) === old) return true;
    }
  }

  /** Whole tokens in stock. */
  remaining(nowMs: number): number {
    const spent = this.spentAt(Atomics.load(this.spent, 0), nowMs);
    return Math.max(0, Math.floor((nowMs - spent) * this.tokensPerMs));
  }

  /** Ms until the next token, 0 when there is one. */
  msToNextToken(nowMs: number): number {
    const spent = this.spentAt(Atomics.load(this.spent, 0), nowMs);
    return Math.max(0, spent + 1 / this.tokensPerMs - nowMs);
  }

  private spentAt(bits: bigint, nowMs: number): number {
    this.bits[0] = bits;
    return Math.max(this.asNumber[0]!, nowMs - this.maxTokens / this.tokensPerMs);
  }
}
