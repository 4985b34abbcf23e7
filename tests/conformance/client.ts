/** The client's side of one connection: sends raw bytes, gathers what comes back. */
import { connect, type Socket } from "node:net";
import { type Message, readResponse } from "./http-messages.ts";

export class ClientConnection {
  received = "";
  isClosed = false;
  readonly localPort: Promise<number>;
  /** When something last happened, `performance.now()`. */
  lastEvent = performance.now();
  private readonly socket: Socket;
  private readonly methods: string[] = [];
  private isAborted = false;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.localPort = new Promise((resolve) => {
      this.socket.once("connect", () => resolve(this.socket.localPort ?? 0));
      this.socket.once("error", () => resolve(0));
    });
    this.socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
      this.lastEvent = performance.now();
    });
    this.socket.on("error", () => {});
    this.socket.on("end", () => this.onClosed());
    this.socket.on("close", () => this.onClosed());
  }

  send(text: string): void {
    const method = /^[A-Z]+(?= )/.exec(text)?.[0];
    if (method !== undefined) this.methods.push(method);
    this.lastEvent = performance.now();
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.write(text, "latin1");
  }

  end(): void {
    this.socket.end();
  }

  abort(): void {
    this.isAborted = true;
    this.socket.resetAndDestroy();
  }

  /** Ends it without noting anything. */
  dispose(): void {
    this.isAborted = true;
    this.socket.destroy();
  }

  /** Responses so far, informational ones among them; the last may be incomplete. */
  responses(): { messages: Message[]; rest: string } {
    const messages: Message[] = [];
    let at = 0;
    let answered = 0;
    while (at < this.received.length) {
      const isHead = this.methods[answered] === "HEAD";
      const message = readResponse(this.received, at, isHead, this.isClosed);
      if (message === null) break;
      messages.push(message);
      at = message.end;
      if (!message.first.startsWith("HTTP/1.1 1")) answered++;
      if (!message.complete || message.first.startsWith("HTTP/1.1 101")) break;
    }
    return { messages, rest: this.received.slice(at) };
  }

  /** Number of complete final responses. */
  completed(): number {
    const { messages } = this.responses();
    return messages.filter((m) => m.complete && !/^HTTP\/1\.1 1(?!01)/.test(m.first)).length;
  }

  private onClosed(): void {
    if (this.isAborted) return;
    this.isClosed = true;
    this.lastEvent = performance.now();
    this.socket.end();
  }
}
