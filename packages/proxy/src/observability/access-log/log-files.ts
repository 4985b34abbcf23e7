/**
 * One thread's open log files. Each thread appends whole lines by its own O_APPEND writes: a write
 * call is atomic there, so threads need no go-between, and posting the lines to the main thread
 * would cost more than writing them. Writes go through the thread pool: a slow disk stalls no traffic.
 */
import { closeSync, openSync, write, writeSync } from "node:fs";
import type { Counter, Gauge, StatsScope } from "@legate/filter-sdk";

export interface LogFilesOptions {
  /** `--file-flush-interval-msec`, 10 s by default. */
  readonly flushIntervalMs: number;
  /** `--file-flush-min-size-kb`, 64 KiB by default. */
  readonly flushBytes: number;
}

/** Lines beyond this are dropped and counted as failed: the disk doesn't keep up. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Pause before trying again when a pipe is full, ms. */
const RETRY_MS = 10;

const STANDARD_FDS: Readonly<Record<string, number>> = { "/dev/stdout": 1, "/dev/stderr": 2 };

class FileStats {
  readonly writeBuffered: Counter;
  readonly writeCompleted: Counter;
  readonly writeFailed: Counter;
  readonly flushedByTimer: Counter;
  readonly reopenFailed: Counter;
  readonly writeTotalBuffered: Gauge;

  constructor(scope: StatsScope) {
    this.writeBuffered = scope.counter("write_buffered");
    this.writeCompleted = scope.counter("write_completed");
    this.writeFailed = scope.counter("write_failed");
    this.flushedByTimer = scope.counter("flushed_by_timer");
    this.reopenFailed = scope.counter("reopen_failed");
    this.writeTotalBuffered = scope.gauge("write_total_buffered");
  }
}

export class LogFiles {
  private readonly files = new Map<string, LogFile>();
  private readonly options: LogFilesOptions;
  private readonly stats: FileStats;
  private timer: NodeJS.Timeout | null = null;

  /** `stats` is the scope `filesystem.`. */
  constructor(options: LogFilesOptions, stats: StatsScope) {
    this.options = options;
    this.stats = new FileStats(stats);
  }

  /** The file of that path, opened once; throws an Error if it can't be opened. */
  open(path: string): LogFile {
    const existing = this.files.get(path);
    if (existing !== undefined) return existing;
    const file = new LogFile(path, this.options.flushBytes, this.stats);
    this.files.set(path, file);
    if (this.timer === null) {
      this.timer = setInterval(() => this.flushByTimer(), this.options.flushIntervalMs);
      this.timer.unref();
    }
    return file;
  }

  /** For SIGUSR1 and POST /reopen_logs: what is pending goes to the old files. */
  reopen(): void {
    for (const file of this.files.values()) file.reopen();
  }

  /** Writes all that is pending before it returns; call when the thread ends. */
  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    for (const file of this.files.values()) file.close();
    this.files.clear();
  }

  private flushByTimer(): void {
    for (const file of this.files.values()) {
      if (file.flush()) this.stats.flushedByTimer.inc();
    }
  }
}

export class LogFile {
  private readonly path: string;
  private readonly flushBytes: number;
  private readonly stats: FileStats;
  private fd: number;
  /** Latin1 text of whole lines. */
  private pending = "";
  /** Bytes under way to the kernel, null when none are. */
  private writing: Buffer | null = null;
  private mustReopen = false;

  constructor(path: string, flushBytes: number, stats: FileStats) {
    this.path = path;
    this.flushBytes = flushBytes;
    this.stats = stats;
    this.fd = openLog(path);
  }

  /** Takes one line with its newline (latin1: one character, one byte). */
  write(line: string): void {
    if (this.pending.length + line.length > MAX_PENDING_BYTES) {
      this.stats.writeFailed.inc();
      return;
    }
    this.pending += line;
    this.stats.writeBuffered.inc();
    this.stats.writeTotalBuffered.add(line.length);
    if (this.pending.length >= this.flushBytes && this.writing === null) this.flush();
  }

  /** Starts writing what is pending; false when nothing is or a write is under way. */
  flush(): boolean {
    if (this.pending === "" || this.writing !== null) return false;
    this.startWrite(this.takePending());
    return true;
  }

  reopen(): void {
    if (this.writing !== null) {
      this.mustReopen = true;
      return;
    }
    this.mustReopen = false;
    this.writeAllSync(this.takePending());
    if (this.path in STANDARD_FDS) return;
    try {
      const opened = openLog(this.path);
      closeSync(this.fd);
      this.fd = opened;
    } catch {
      // The old file stays in use, as in Envoy.
      this.stats.reopenFailed.inc();
    }
  }

  close(): void {
    // A write under way owns its bytes; its callback closes the file if the thread lives that long.
    this.writeAllSync(this.takePending());
    if (this.writing === null) this.closeFd();
    else this.mustClose = true;
  }

  private mustClose = false;

  private closeFd(): void {
    if (!(this.path in STANDARD_FDS)) closeSync(this.fd);
  }

  private takePending(): Buffer {
    const bytes = Buffer.from(this.pending, "latin1");
    this.pending = "";
    this.stats.writeTotalBuffered.sub(bytes.length);
    return bytes;
  }

  private startWrite(bytes: Buffer): void {
    this.writing = bytes;
    write(this.fd, bytes, (error, written) => this.onWritten(error, bytes, written));
  }

  private onWritten(error: NodeJS.ErrnoException | null, bytes: Buffer, written: number): void {
    if (error !== null && error.code === "EAGAIN") {
      setTimeout(() => this.startWrite(bytes), RETRY_MS);
      return;
    }
    if (error === null && written < bytes.length) {
      this.startWrite(bytes.subarray(written));
      return;
    }
    this.writing = null;
    if (error === null) this.stats.writeCompleted.inc();
    else this.stats.writeFailed.inc();
    if (this.mustClose) {
      this.closeFd();
      return;
    }
    if (this.mustReopen) this.reopen();
    if (this.pending.length >= this.flushBytes) this.flush();
  }

  private writeAllSync(bytes: Buffer): void {
    if (bytes.length === 0) return;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
      this.stats.writeCompleted.inc();
    } catch {
      // Nobody is left to tell but the counter.
      this.stats.writeFailed.inc();
    }
  }
}

function openLog(path: string): number {
  const standard = STANDARD_FDS[path];
  if (standard !== undefined) return standard;
  try {
    return openSync(path, "a", 0o644);
  } catch (error) {
    const reason = /^E[A-Z]+: (.*?),/.exec((error as Error).message)?.[1] ?? "unknown error";
    const text = `unable to open file '${path}': ${reason[0]!.toUpperCase()}${reason.slice(1)}`;
    throw new Error(text, { cause: error });
  }
}
