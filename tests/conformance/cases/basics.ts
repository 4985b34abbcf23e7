/** One plain request and its answer: what every other case builds on. */
import { type ConformanceCase, exchange, get, post } from "../case.ts";

export const cases: readonly ConformanceCase[] = [
  { name: "basics/plain GET", steps: exchange(get("/a?b=c", "User-Agent: t\r\n")) },
  { name: "basics/plain POST", steps: exchange(post("/a", "hello")) },
  { name: "basics/HEAD", steps: exchange(get("/a", "", "HEAD")) },
  { name: "basics/two requests on a connection", steps: exchange(get("/1"), get("/2")) },
];
