/**
 * Rich configurations with one thing changed at a time, put to the real Envoy and to Legate: both must take
 * a variant or both refuse it, but for what is "not supported by Legate".
 *
 * `--every N`: only each Nth variant. All of them take ten minutes.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { checkConfig } from "../../packages/proxy/src/server/check-config.ts";
import { formatProblem } from "../../packages/proxy/src/server/config/problems.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

interface Variant {
  readonly name: string;
  readonly config: Json;
}

/** What a scalar is replaced by. */
const SCALARS: readonly Json[] = [
  ...["", "abc", "5", "-1s", "0s", "a b", "a\nb", "%FOO%", "(", "127.0.0.1", ":path", "host"],
  ...["99999999999999999999s", "*", "/x/", 0, -1, 1.5, 1, 3, 70_000, 4_294_967_296],
  ...[true, null, [], {}],
];
/** What a mapping or list is replaced by. */
const COLLECTIONS: readonly Json[] = ["abc", 1, [], {}, null];
/** What is added to a list. */
const ITEMS: readonly Json[] = [{}, "", null];

function* pathsOf(value: Json, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (Array.isArray(value))
    for (const [i, item] of value.entries()) yield* pathsOf(item, [...path, i]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value))
      if (key !== "@type") yield* pathsOf(item, [...path, key]);
}

function at(config: Json, path: Path): Json {
  let value = config;
  for (const key of path) value = (value as { [key: string]: Json })[key]!;
  return value;
}

/** A copy of the configuration with the value at `path` replaced; undefined removes it. */
function replaced(config: Json, path: Path, value: Json | undefined): Json {
  const copy = structuredClone(config);
  const parent = at(copy, path.slice(0, -1)) as { [key: string]: Json };
  const key = path.at(-1)!;
  if (value !== undefined) parent[key] = value;
  else if (Array.isArray(parent)) parent.splice(key as number, 1);
  else delete parent[key];
  return copy;
}

function* variantsOf(file: string, config: Json): Generator<Variant> {
  for (const path of pathsOf(config)) {
    const old = at(config, path);
    const name = `${file} ${path.join(".")}`;
    const variant = (what: string, value: Json | undefined): Variant => ({
      name: `${name} ${what}`,
      config: replaced(config, path, value),
    });
    yield variant("removed", undefined);
    if (typeof old !== "object" || old === null) {
      for (const value of SCALARS)
        if (value !== old) yield variant(`= ${JSON.stringify(value)}`, value);
      continue;
    }
    for (const value of COLLECTIONS) yield variant(`= ${JSON.stringify(value)}`, value);
    if (Array.isArray(old))
      for (const item of [...ITEMS, old[0]!])
        yield variant(`and ${JSON.stringify(item).slice(0, 30)}`, [...old, item]);
    else {
      yield variant("with zzz", { ...old, zzz: 1 });
      if (old["@type"] !== undefined) yield variant("emptied", { "@type": old["@type"] });
    }
  }
}

function envoyTakes(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = ["--mode", "validate", "-l", "off", "-c", file];
    const child = spawn("envoy", args, { stdio: "ignore", timeout: 20_000 });
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0));
  });
}

const silent = {
  level: 6,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  critical() {},
};

/** The errors of Legate, one a line. */
async function legateSays(file: string): Promise<string[]> {
  const options = {
    configPath: file,
    configYaml: null,
    allowUnsupported: false,
    allowUnknown: false,
    serviceNode: null,
    serviceCluster: null,
    serviceZone: null,
  };
  const { problems } = await checkConfig(options, () => silent);
  return problems.filter(({ severity }) => severity === "error").map(formatProblem);
}

// Access logs with odd names are made in the working folder.
const folder = mkdtempSync(join(tmpdir(), "variants-"));
const startedIn = process.cwd();
process.chdir(folder);
const every = Number(process.argv[process.argv.indexOf("--every") + 1] ?? 1) || 1;
let seen = 0;
let compared = 0;
let differences = 0;

async function compare({ name, config }: Variant, file: string): Promise<void> {
  writeFileSync(file, JSON.stringify(config));
  const [isTaken, errors] = await Promise.all([envoyTakes(file), legateSays(file)]);
  compared++;
  if (isTaken === (errors.length === 0)) return;
  if (isTaken && errors.every((line) => line.includes("supported by Legate"))) return;
  differences++;
  const verdict = isTaken ? `only Legate refuses: ${errors.join(" | ")}` : "only Envoy refuses";
  console.error(`${name}: ${verdict}`);
}

try {
  for (const base of ["first.yaml", "second.yaml"]) {
    const text = readFileSync(join(import.meta.dirname, "rich", base), "utf8");
    const variants = variantsOf(base, parse(text) as Json);
    const lane = async (number: number): Promise<void> => {
      for (const variant of variants)
        if (seen++ % every === 0) await compare(variant, join(folder, `${number}.json`));
    };
    await Promise.all([lane(0), lane(1)]);
  }
} finally {
  process.chdir(startedIn);
  rmSync(folder, { recursive: true });
}
console.log(`${compared} of ${seen} variants compared, ${differences} differ`);
process.exitCode = differences === 0 ? 0 : 1;
