import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { jsonSchema } from "./json-schema.ts";

const root = join(import.meta.dirname, "..", "..");
const validate = new Ajv({ strict: false }).compile(jsonSchema());

function accepts(path: string): boolean {
  // The demo fills in its ports when it starts.
  const text = readFileSync(join(root, path), "utf8").replace(/\$\{\w*PORT\w*\}/g, "1234");
  return validate(parse(text.replace(/\$\{\w+\}/g, "x")));
}

describe("the JSON schema", () => {
  it("takes good configurations", () => {
    for (const path of [
      "examples/demo/legate.yaml",
      "tests/bad-config/odd-but-good/no-http-filters.yaml",
      "tests/bad-config/odd-but-good/wildcard-in-the-middle.yaml",
    ])
      assert.ok(accepts(path), `${path}: ${JSON.stringify(validate.errors)}`);
  });

  it("refuses misspelt names, wrong types and values, and what is unsupported", () => {
    for (const name of [
      "misspelt-field",
      "wrong-enum",
      "string-for-number",
      "port-too-high",
      "duration-without-unit",
      "list-for-map",
      "missing-stat-prefix",
      "missing-type",
      "unknown-type",
      "unsupported-extension",
      "unsupported-field",
    ])
      assert.equal(accepts(`tests/bad-config/configs/${name}.yaml`), false, name);
  });
});
