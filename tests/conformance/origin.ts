/** A scripted origin on raw sockets: notes what each request was, and answers with the case's bytes. */
import { createServer, type Server, type Socket } from "node:net";
import type { OriginAnswer, OriginPiece, OriginScript, SeenRequest } from "./case.ts";
import { answer } from "./case.ts";
import { type Message, readRequest } from "./http-messages.ts";

/** One request with what became of it. */
export interface OriginRecord {
  readonly seen: SeenRequest;
  message: Message;
  /** Bytes that came after an upgrade. */
  tunnel: string;
  /** The proxy closed before its request was complete, or before the answer was. */
  isCut: boolean;
}

/** What happens at the origins of one listener; shared by its up to three ports. */
export class OriginJournal {
  records: OriginRecord[] = [];
  closedByProxy = 0;
  /** When something last happened, `performance.now()`. */
  lastEvent = 0;
  private script: OriginScript = OK;
  private generation = 0;

  /** Begins a case: earlier connections stay, what they still do is not noted. */
  begin(script: OriginScript | undefined): void {
    this.records = [];
    this.closedByProxy = 0;
    this.script = script ?? OK;
    this.generation++;
  }
  get current(): number {
    return this.generation;
  }
  answerTo(seen: SeenRequest, index: number): OriginAnswer {
    return typeof this.script === "function" ? this.script(seen, index) : this.script;
  }
}

const OK: OriginScript = (request) =>
  request.method === "HEAD"
    ? { pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"] }
    : answer(200, "Content-Type: text/plain\r\n");

export class Origin {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets: Set<Socket>;

  private constructor(server: Server, port: number, sockets: Set<Socket>) {
    this.server = server;
    this.port = port;
    this.sockets = sockets;
  }

  static start(number: number, journal: OriginJournal): Promise<Origin> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      new OriginConnection(number, socket, journal);
    });
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number };
        resolve(new Origin(server, port, sockets));
      });
    });
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

class OriginConnection {
  private readonly number: number;
  private readonly socket: Socket;
  private readonly journal: OriginJournal;
  private received = "";
  private at = 0;
  private current: OriginRecord | null = null;
  private answering = false;
  private isTunnel = false;
  private isEcho = false;
  private closing = false;
  private generation = -1;

  constructor(number: number, socket: Socket, journal: OriginJournal) {
    this.number = number;
    this.socket = socket;
    this.journal = journal;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.onData(chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("end", () => this.onGone());
    socket.on("close", () => this.onGone());
  }

  private onData(text: string): void {
    this.journal.lastEvent = performance.now();
    if (this.isTunnel && this.current !== null) {
      this.current.tunnel += text;
      if (this.isEcho) this.socket.write(text, "latin1");
      return;
    }
    this.received += text;
    this.advance();
  }

  private advance(): void {
    if (this.isTunnel || this.current?.message.complete) return;
    const message = readRequest(this.received, this.at);
    if (message === null) return;
    const record = this.current ?? this.begin(message);
    record.message = message;
    if (message.complete) {
      this.received = this.received.slice(message.end);
      this.at = 0;
      void this.respond(record, "request");
    }
  }

  private begin(message: Message): OriginRecord {
    const [method = "", path = ""] = message.first.split(" ");
    const seen = {
      origin: this.number,
      line: message.first,
      method,
      path,
      headers: message.headers,
    };
    this.generation = this.journal.current;
    // Not complete yet for an answer that is given at the head, even when it is all here.
    const early = { ...message, complete: false };
    const record = { seen, message: early, tunnel: "", isCut: false };
    this.current = record;
    this.journal.records.push(record);
    void this.respond(record, "headers");
    return record;
  }

  private async respond(record: OriginRecord, when: "headers" | "request"): Promise<void> {
    const index = this.journal.records.indexOf(record);
    const chosen = this.journal.answerTo(record.seen, Math.max(index, 0));
    if ((chosen.when ?? "request") === when) {
      this.answering = true;
      for (const piece of chosen.pieces) await this.play(piece);
      this.answering = false;
    }
    if (this.isTunnel || this.current !== record || !record.message.complete) return;
    if (chosen.pieces.length === 0 || this.answering) return;
    this.current = null;
    this.advance();
  }

  private async play(piece: OriginPiece): Promise<void> {
    if (typeof piece === "object") {
      await new Promise((resolve) => setTimeout(resolve, piece.pauseMs));
    } else if (piece === "close") {
      this.closing = true;
      this.socket.end();
    } else if (piece === "reset") {
      this.closing = true;
      this.socket.resetAndDestroy();
    } else if (piece === "echo") {
      this.isTunnel = true;
      this.isEcho = true;
    } else {
      if (piece.startsWith("HTTP/1.1 101")) this.isTunnel = true;
      if (!this.socket.destroyed) this.socket.write(piece, "latin1");
    }
    this.journal.lastEvent = performance.now();
  }

  private onGone(): void {
    if (this.generation === this.journal.current && !this.closing) {
      this.journal.lastEvent = performance.now();
      this.journal.closedByProxy++;
      if (this.current !== null && !this.isTunnel) this.current.isCut = true;
    }
    this.generation = -1;
    this.closing = true;
    this.socket.end();
  }
}
