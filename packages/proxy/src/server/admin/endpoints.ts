/** The list of admin endpoints; /help and the home page are made from it. */
import { type AdminEndpoint, textReply } from "./endpoint.ts";
import { actions } from "./endpoints/actions.ts";
import { clusters } from "./endpoints/clusters.ts";
import { configDump } from "./endpoints/config-dump.ts";
import { logging } from "./endpoints/logging.ts";
import { ready } from "./endpoints/ready.ts";
import { reports } from "./endpoints/reports.ts";
import { prometheus, stats } from "./endpoints/stats.ts";

const home: AdminEndpoint = {
  path: "/",
  method: "GET",
  help: "Admin home page",
  handle: () => textReply(homePage(), 200, "text/html; charset=UTF-8"),
};

const help: AdminEndpoint = {
  path: "/help",
  method: "GET",
  help: "print out list of admin commands",
  handle: () => textReply(helpText()),
};

export const builtInEndpoints: readonly AdminEndpoint[] = [
  home,
  help,
  ready,
  stats,
  prometheus,
  clusters,
  configDump,
  logging,
  ...actions,
  ...reports,
].sort((a, b) => (a.path < b.path ? -1 : 1));

/** `admin commands are:` and a line per endpoint and parameter. */
export function helpText(): string {
  let text = "admin commands are:\n";
  for (const endpoint of builtInEndpoints) {
    const method = endpoint.method === "POST" ? " (POST)" : "";
    text += `  ${endpoint.path}${method}: ${endpoint.help}\n`;
    for (const [name, meaning] of endpoint.parameters ?? []) text += `      ${name}: ${meaning}\n`;
  }
  return text;
}

function homePage(): string {
  const rows = builtInEndpoints.map(({ path, method, help: text }) => {
    const link =
      method === "GET"
        ? `<a href="${path.slice(1) || "."}">${path}</a>`
        : `<form action="${path.slice(1)}" method="post"><button>${path}</button></form>`;
    return `<tr><td>${link}</td><td>${text}</td></tr>`;
  });
  return `<!DOCTYPE html>\n<html lang="en"><head><title>Legate Admin</title></head>\n<body><table>\n${rows.join("\n")}\n</table></body></html>\n`;
}
