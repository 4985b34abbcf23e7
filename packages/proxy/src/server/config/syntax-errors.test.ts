import assert from "node:assert/strict";
import { it } from "node:test";
import { ConfigDocument } from "./document.ts";
import { formatProblem } from "./problems.ts";
import type { Notation } from "./scalars.ts";

const table: readonly [text: string, line: RegExp, notation?: Notation][] = [
  ["a:\n\tb: 1", /^x:2:1: tabs can't indent YAML: use spaces$/],
  ["a: { b: 1\nc: 2\n", /^x:1:4: this '\{' is never closed: '\}' is missing$/],
  ["a: [ { b: 1 }, { c: '}' }\n", /^x:1:4: this '\[' is never closed: '\]' is missing$/],
  ["a: b: c", /^x:1:4: a mapping or list starts inside of a value here/],
  ["a: 1\n b: 2", /^x:1:4: a mapping or list starts inside of a value here/],
  ["a:1\nb: 2", /^x:1:1: this line is no 'key: value': is the space after the colon missing\?$/],
  ['a: "b', /^x:1:6: this text has no closing quote$/],
  ["a: @b", /^x:1:4: a plain value can't start with this character: put it in quotes$/],
  ["", /^x:1:1: the configuration is empty$/],
  ["? [a]\n: b", /^x:1:3: a key must be plain text$/],
  ['{ "a": {}\n "b": 2 }', /^x:2:2: a comma is missing before this$/, "json"],
  ['{ "a": 1\n "b": 2 }', /^x:1:8: this is no JSON from here on: is a comma missing\?$/, "json"],
  ['{ "a": "#" } # no', /^x:1:14: JSON has no comments$/, "json"],
  ["a: 1", /^x:1:1: expected JSON/, "json"],
];

it("says in plain words what is wrong, and where", () => {
  for (const [text, line, notation] of table) {
    const document = new ConfigDocument("x", text, notation ?? "yaml");
    if (document.root !== null) document.json(document.root, "");
    assert.match(document.problems.map(formatProblem).join("\n"), line, text);
  }
});
