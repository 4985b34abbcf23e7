/** `npm run check`: types, format and lint, import rules. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { PACKAGE_RULES, STAGE_RULES } from "./import-rules.ts";

const root = join(import.meta.dirname, "..");
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"/g;

function checkImports(): string[] {
  const problems: string[] = [];
  const usedPackages = new Set<string>();
  const usedStages = new Set<string>();
  for (const file of globSync("packages/*/src/**/*.ts", { cwd: root })) {
    if (file.includes("/gen/")) continue;
    const [, packageName, , ...rest] = file.split("/") as [string, string, string, ...string[]];
    const isTest = /\.(test|contract)\.ts$/.test(file) || file.includes("/testing/");
    const text = readFileSync(join(root, file), "utf8");
    for (const match of text.matchAll(IMPORT)) {
      const target = match[1]!;
      if (target.startsWith("@legate/")) {
        const imported = target.split("/")[1]!;
        if (imported === packageName) continue;
        usedPackages.add(`${packageName}→${imported}`);
        if (!(PACKAGE_RULES[packageName] ?? []).includes(imported) && !isTest)
          problems.push(`${file}: package ${packageName} may not import ${target}`);
      } else if (target.startsWith(".") && packageName === "proxy" && !isTest) {
        const stage = rest.length > 1 ? rest[0]! : "";
        if (stage === "") continue;
        const absolute = relative(
          join(root, "packages/proxy/src"),
          join(root, dirname(file), target),
        );
        const imported = absolute.split("/")[0]!;
        if (absolute.startsWith("..")) problems.push(`${file}: ${target} leaves the package`);
        else if (imported !== stage) {
          usedStages.add(`${stage}→${imported}`);
          if (!(STAGE_RULES[stage] ?? []).includes(imported))
            problems.push(`${file}: ${stage} may not import ${imported} (${target})`);
        }
      }
    }
  }
  for (const [from, targets] of Object.entries(PACKAGE_RULES))
    for (const to of targets)
      if (!usedPackages.has(`${from}→${to}`))
        problems.push(`tools/import-rules.ts: nothing in ${from} imports ${to}`);
  for (const [from, targets] of Object.entries(STAGE_RULES))
    for (const to of targets)
      if (!usedStages.has(`${from}→${to}`))
        problems.push(`tools/import-rules.ts: nothing in ${from} imports ${to}`);
  return problems;
}

function runTool(name: string, args: readonly string[]): boolean {
  const result = spawnSync(join(root, "node_modules", ".bin", name), args, {
    cwd: root,
    stdio: "inherit",
  });
  return result.status === 0;
}

let isGood = true;
console.log("types …");
isGood = runTool("tsc", ["--noEmit", "-p", "."]) && isGood;
console.log("format and lint …");
isGood = runTool("biome", ["check", "--max-diagnostics=40", "."]) && isGood;
console.log("imports …");
for (const problem of checkImports()) {
  console.error(problem);
  isGood = false;
}
console.log(isGood ? "check: good" : "check: problems found");
process.exitCode = isGood ? 0 : 1;
