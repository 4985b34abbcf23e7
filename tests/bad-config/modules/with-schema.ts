import { defineFilter } from "@legate/filter-sdk";

export default defineFilter({
  configSchema: {
    type: "object",
    properties: { limit: { type: "number" } },
    additionalProperties: false,
  },
  onRequest() {},
});
