/** Format text → Formatter: literal pieces and operators, read once, when config is loaded. */
import type { StreamInfo } from "@legate/filter-sdk";
import { absentCommands } from "./absent-operators.ts";
import { addressCommands } from "./address-operators.ts";
import type { Formatter, FormatValue } from "./contracts.ts";
import { FormatError } from "./format-error.ts";
import { headerCommands } from "./header-operators.ts";
import { type Command, type Operator, toLatin1 } from "./operator.ts";
import { streamCommands } from "./stream-operators.ts";
import { timeCommands } from "./time-operators.ts";

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...absentCommands,
    ...headerCommands,
    ...timeCommands,
    ...addressCommands,
    ...streamCommands,
  }),
);

const COMMAND_PATTERN = /%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/y;

export interface FormatOptions {
  /** Unset values print as "" instead of `-`, and are left out of JSON. */
  readonly omitEmpty?: boolean;
}

/** What a format is made of: literals and operators in turn. */
export type Piece = string | Operator;

/** Parses `text` (`%%` is a percent sign). Throws FormatError with Envoy's text and the position. */
export function parseFormat(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  let position = 0;
  while (position < text.length) {
    const mark = text.indexOf("%", position);
    literal += mark < 0 ? text.slice(position) : text.slice(position, mark);
    if (mark < 0) break;
    if (text[mark + 1] === "%") {
      literal += "%";
      position = mark + 2;
      continue;
    }
    COMMAND_PATTERN.lastIndex = mark;
    const match = COMMAND_PATTERN.exec(text);
    if (match === null) {
      const where = `Couldn't find valid command at position ${mark}`;
      throw new FormatError(`Incorrect configuration: ${text}. ${where}`, mark);
    }
    if (literal !== "") pieces.push(toLatin1(literal));
    literal = "";
    pieces.push(buildOperator(match[1]!, match[2], match[3], mark));
    position = mark + match[0].length;
  }
  if (literal !== "") pieces.push(toLatin1(literal));
  return pieces;
}

function buildOperator(
  name: string,
  parameters: string | undefined,
  length: string | undefined,
  position: number,
): Operator {
  const command = COMMANDS.get(name);
  if (command === undefined) {
    throw new FormatError(`Not supported field in StreamInfo: ${name}`, position);
  }
  if (command.parameters === "none" && (parameters !== undefined || length !== undefined)) {
    throw new FormatError(`${name} does not take any parameters or length`, position);
  }
  if (command.parameters === "required" && !parameters) {
    throw new FormatError(`${name} requires parameters`, position);
  }
  if (!command.length && length !== undefined) {
    throw new FormatError(`${name} does not allow length to be specified.`, position);
  }
  try {
    return command.build(parameters ?? "", length === undefined ? Infinity : Number(length));
  } catch (error) {
    throw new FormatError((error as Error).message, position);
  }
}

/** Throws FormatError. The formatter is immutable and may serve any number of streams. */
export function compileFormat(text: string, options: FormatOptions = {}): Formatter {
  const pieces = parseFormat(text);
  return new TextFormatter(pieces, options.omitEmpty === true ? "" : "-");
}

export class TextFormatter implements Formatter {
  /** Literal i stands before operator i; one literal more than operators. */
  private readonly literals: string[] = [""];
  private readonly operators: Operator[] = [];
  private readonly unset: string;

  constructor(pieces: readonly Piece[], unset: string) {
    this.unset = unset;
    for (const piece of pieces) {
      if (typeof piece === "string") {
        this.literals[this.literals.length - 1] += piece;
      } else {
        this.operators.push(piece);
        this.literals.push("");
      }
    }
  }

  format(info: StreamInfo): string {
    const { literals, operators, unset } = this;
    let text = literals[0]!;
    for (let i = 0; i < operators.length; i++) {
      text += (operators[i]!.text(info) ?? unset) + literals[i + 1]!;
    }
    return text;
  }

  formatValue(info: StreamInfo): FormatValue {
    const { literals, operators } = this;
    if (operators.length === 1 && literals[0] === "" && literals[1] === "") {
      return operators[0]!.value(info);
    }
    return this.format(info);
  }
}
