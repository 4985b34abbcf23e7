/** One thread's application log: a logger per component, levels that can change, one descriptor. */
import { closeSync, openSync, writeSync } from "node:fs";
import { threadId } from "node:worker_threads";
import type { Logger } from "@legate/filter-sdk";
import { COMPONENTS, type Component, LEVELS, parseLevel } from "./components.ts";
import { compileLineFormat, DEFAULT_LINE_FORMAT, type LineFormat } from "./line-format.ts";

export interface LoggingOptions {
  /** `-l`; info by default. */
  readonly level: string;
  /** `upstream:debug,wasm:trace`; "" for none. */
  readonly componentLevels: string;
  /** Null: Envoy's default. */
  readonly format: string | null;
  readonly isEscaped?: boolean;
  /** Null: stderr. Threads append to the same file. */
  readonly path: string | null;
}

export class Logging {
  private readonly loggers = new Map<string, ComponentLogger>();
  private readonly path: string | null;
  private readonly print: LineFormat;
  private fd: number;

  /** Throws an Error for an unknown level or component, or a file that can't be opened. */
  constructor(options: LoggingOptions) {
    this.path = options.path;
    this.print = compileLineFormat(options.format ?? DEFAULT_LINE_FORMAT, options.isEscaped);
    const level = parseLevel(options.level);
    if (level < 0) throw new Error(`error: invalid log level specified '${options.level}'`);
    for (const name of COMPONENTS) this.loggers.set(name, new ComponentLogger(this, name, level));
    if (options.componentLevels !== "") {
      const error = this.setLevels(options.componentLevels);
      if (error !== null) throw new Error(`error: ${error} in '${options.componentLevels}'`);
    }
    this.fd = options.path === null ? 2 : openSync(options.path, "a", 0o644);
  }

  /** The same object each time. */
  logger(component: Component): Logger {
    return this.loggers.get(component)!;
  }

  setAllLevels(level: number): void {
    for (const logger of this.loggers.values()) logger.level = level;
  }

  /** `name:level,name:level`: all of them, or none and the reason. */
  setLevels(text: string): string | null {
    const changes: [ComponentLogger, number][] = [];
    for (const pair of text.split(",")) {
      const [name = "", levelName = ""] = pair.split(":");
      const level = parseLevel(levelName);
      const logger = this.loggers.get(name);
      if (logger === undefined) return "unknown logger name";
      if (level < 0) return "unknown logger level";
      changes.push([logger, level]);
    }
    for (const [logger, level] of changes) logger.level = level;
    return null;
  }

  /** Name and level name of each logger, in the order of /logging. */
  levels(): [name: string, level: string][] {
    return [...this.loggers.values()].map((logger) => [logger.component, LEVELS[logger.level]!]);
  }

  /** After a rotation of `--log-path`; if it fails the old file stays in use. */
  reopen(): void {
    if (this.path === null) return;
    const opened = openSync(this.path, "a", 0o644);
    closeSync(this.fd);
    this.fd = opened;
  }

  /** For this file's loggers: writes one line at once, so that a crash loses none. */
  write(component: string, level: number, message: string): void {
    const line = {
      timeMs: Date.now(),
      threadId: process.pid + threadId,
      level,
      component,
      message,
    };
    try {
      writeSync(this.fd, this.print(line));
    } catch {
      // A closed or full stderr must not stop the proxy, and there is nowhere to report it.
    }
  }
}

class ComponentLogger implements Logger {
  readonly component: string;
  level: number;
  private readonly logging: Logging;

  constructor(logging: Logging, component: string, level: number) {
    this.logging = logging;
    this.component = component;
    this.level = level;
  }

  trace(message: string): void {
    if (this.level <= 0) this.logging.write(this.component, 0, message);
  }

  debug(message: string): void {
    if (this.level <= 1) this.logging.write(this.component, 1, message);
  }

  info(message: string): void {
    if (this.level <= 2) this.logging.write(this.component, 2, message);
  }

  warn(message: string): void {
    if (this.level <= 3) this.logging.write(this.component, 3, message);
  }

  error(message: string): void {
    if (this.level <= 4) this.logging.write(this.component, 4, message);
  }

  critical(message: string): void {
    if (this.level <= 5) this.logging.write(this.component, 5, message);
  }
}
