import { defineFilter } from "@legate/filter-sdk";

export default defineFilter({
  createFactory() {
    throw new Error("no licence key");
  },
});
