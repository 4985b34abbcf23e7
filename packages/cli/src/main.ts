/** The legate command: finds the verb and runs it. One line per verb. */
import type { Command } from "./command.ts";
import { run } from "./commands/run.ts";
import { validate } from "./commands/validate.ts";

const commands: readonly Command[] = [run, validate];

function overview(): string {
  const verbs = commands.map(({ name, help }) => `  ${name.padEnd(12)}${help}`);
  return [
    "legate: an HTTP proxy that reads Envoy's configuration",
    "",
    "Verbs:",
    ...verbs,
    `  ${"help".padEnd(12)}this text; 'legate help VERB' or 'legate VERB --help' for one verb`,
    "",
    run.usage(),
  ].join("\n");
}

function find(name: string): Command | null {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = [...commands.map((command) => command.name), "help"];
  console.error(`legate: unknown verb '${name}'; verbs: ${names.join(", ")}`);
  return null;
}

async function main(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === "help" && rest[0] !== undefined) {
    const command = find(rest[0]);
    if (command !== null) console.log(command.usage());
    return command === null ? 1 : 0;
  }
  if (verb === "help" || (args.length === 1 && (verb === "--help" || verb === "-h"))) {
    console.log(overview());
    return 0;
  }
  if (verb === undefined || verb.startsWith("-")) return run.execute(args);
  return find(verb)?.execute(rest) ?? 1;
}

process.exitCode = await main(process.argv.slice(2));
