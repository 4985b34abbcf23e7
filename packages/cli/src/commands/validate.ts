/** `legate validate FILE…`: checks configurations and reports every problem of each. */
import { validateConfig } from "@legate/proxy";
import { parseFlags } from "../flags.ts";

export const validate = {
  name: "validate",
  help: "check configuration files: legate validate FILE…",
  async execute(args: readonly string[]): Promise<number> {
    const files = args.filter((arg) => !arg.startsWith("-"));
    const rest = args.filter((arg) => arg.startsWith("-"));
    if (files.length === 0 || rest.includes("--help") || rest.includes("-h")) {
      console.log(
        "Usage: legate validate [--allow-unsupported] FILE…\n\nReports every problem as file:line:column.",
      );
      return files.length === 0 && rest.length === 0 ? 1 : 0;
    }
    let code = 0;
    for (const file of files) {
      const flags = parseFlags(["-c", file, ...rest]);
      if (flags.kind === "error") {
        console.error(`legate: ${flags.message}`);
        return 1;
      }
      if (flags.kind === "run") code = Math.max(code, await validateConfig(flags.options));
    }
    return code;
  },
};
