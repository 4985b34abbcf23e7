/** The legate command: finds the verb and runs it. One line per verb. */
import { run } from "./commands/run.ts";
import { validate } from "./commands/validate.ts";

const commands = [run, validate];

async function main(args: readonly string[]): Promise<number> {
  const verb = args[0];
  if (
    verb === "help" ||
    (verb === "--help" && args.length === 1) ||
    (verb === "-h" && args.length === 1)
  ) {
    console.log("Usage: legate [verb] [arguments]\n\nVerbs:");
    for (const command of commands) console.log(`  ${command.name.padEnd(10)}${command.help}`);
    console.log("");
    return run.execute(["--help"]);
  }
  if (verb !== undefined && !verb.startsWith("-")) {
    const command = commands.find((candidate) => candidate.name === verb);
    if (command !== undefined) return command.execute(args.slice(1));
    console.error(
      `legate: unknown verb '${verb}'; verbs: ${commands.map((c) => c.name).join(", ")}`,
    );
    return 1;
  }
  return run.execute(args);
}

process.exitCode = await main(process.argv.slice(2));
