/** Collects the bytes of a message's head as text until it is whole; on the fast path it is at once. */
import { findBlockEnd } from "./field-parser.ts";
import { latin1 } from "./latin1.ts";

/** Reads above this are searched for the head's end before they become text. */
const WHOLE_TEXT_BYTES = 4096;
const NO_BYTES = new Uint8Array(0);
const HEAD_END = Buffer.from("\r\n\r\n");

export class HeadBuffer {
  /** The head's text so far, from its first character that is no line end. */
  text = "";
  /** Where the text's bytes of this event begin in it: earlier ones came before. */
  private carried = 0;
  /** The text's bytes: its character i is `bytes[base + i]`. Valid until the event ends. */
  bytes: Uint8Array = NO_BYTES;
  base = 0;
  private scanFrom = 0;

  /** Adds bytes [start, end) that may hold more than the head. */
  add(buffer: Buffer, start: number, end: number): void {
    let textEnd = end;
    if (end - start > WHOLE_TEXT_BYTES) {
      const found = buffer.indexOf(HEAD_END, start);
      if (found >= 0 && found + 4 < end) textEnd = found + 4;
    }
    const text = latin1(buffer, start, textEnd);
    this.carried = this.text.length;
    if (this.carried === 0) {
      this.text = text;
      this.bytes = buffer;
      this.base = start;
    } else {
      this.text += text;
      this.bytes = NO_BYTES;
    }
  }

  /**
   * The text's length up to the head's end at most (a bare-LF blank line may end it before), or -1:
   * not whole yet.
   */
  findEnd(): number {
    const { text } = this;
    const end = text.indexOf("\r\n\r\n", this.scanFrom);
    if (end >= 0) {
      this.joinBytes();
      return end + 4;
    }
    const bareEnd = findBlockEnd(text, this.scanFrom);
    if (bareEnd >= 0) {
      this.joinBytes();
      return bareEnd;
    }
    this.scanFrom = Math.max(0, text.length - 3);
    return -1;
  }

  /** Makes `bytes` good for a text that came in parts. */
  private joinBytes(): void {
    if (this.bytes !== NO_BYTES) return;
    this.bytes = Buffer.from(this.text, "latin1");
    this.base = 0;
  }

  /** How many of the event's bytes belong to a head of `length` characters. */
  consumedOf(length: number): number {
    return length - this.carried;
  }

  clear(): void {
    this.text = "";
    this.bytes = NO_BYTES;
    this.carried = 0;
    this.scanFrom = 0;
  }
}
