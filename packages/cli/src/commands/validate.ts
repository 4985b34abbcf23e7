/** `legate validate FILE…`: checks configurations and reports every problem of each. */
import { validateConfig } from "@legate/proxy";
import type { Command } from "../command.ts";
import { parseFlags } from "../flags.ts";

const FLAGS = ["--allow-unsupported", "--allow-unknown-fields"];

export const validate: Command = {
  name: "validate",
  help: "check configuration files without running them",
  usage: () =>
    [
      "Usage: legate validate [flags] FILE…",
      "",
      "Does all that serving does but for listening, and prints every problem of each file, one a line:",
      "  file:line:column: field path: what is wrong (what was probably meant)",
      "Exit code 0 when all files are good, 1 otherwise. 'legate -c FILE --mode validate' checks one file.",
      "",
      "      --allow-unsupported       warn about fields that are not supported instead of refusing them",
      "      --allow-unknown-fields    warn about fields that Envoy doesn't know instead of refusing them",
      "  -h, --help                    this text",
    ].join("\n"),
  async execute(args) {
    if (args.includes("--help") || args.includes("-h")) {
      console.log(this.usage());
      return 0;
    }
    const files = args.filter((arg) => !arg.startsWith("-"));
    const given = args.filter((arg) => arg.startsWith("-"));
    const unknown = given.find((flag) => !FLAGS.includes(flag));
    if (unknown !== undefined || files.length === 0) {
      const problem = unknown === undefined ? "no file is named" : `unknown flag ${unknown}`;
      console.error(`legate: validate: ${problem}\nTry 'legate validate --help'.`);
      return 1;
    }
    let code = 0;
    for (const file of files) {
      const flags = parseFlags(["-c", file, ...given]);
      if (flags.kind === "run") code = Math.max(code, await validateConfig(flags.options));
    }
    return code;
  },
};
