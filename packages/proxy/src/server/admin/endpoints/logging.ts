/** POST /logging: shows and changes levels. */
import { parseLevel } from "../../../observability/logging/components.ts";
import { type AdminEndpoint, textReply } from "../endpoint.ts";
import type { LogControl } from "../sources.ts";

const USAGE = `usage: /logging?<name>=<level> (change single level)
usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
usage: /logging?level=<level> (change all levels)
usage: /logging?group=<group_name>:<level> (change group of loggers)
levels: trace debug info warning error critical off 
`;

function change(log: LogControl, params: URLSearchParams): string | null {
  const pairs = [...params];
  if (pairs.length === 0) return null;
  if (pairs.length > 1) return "invalid number of parameters";
  const [key, value] = pairs[0]!;
  if (key === "paths" || key === "group") return log.setLevels(value);
  if (key !== "level") return log.setLevels(`${key}:${value}`);
  const level = parseLevel(value);
  if (level < 0) return "unknown logger level";
  log.setAllLevels(level);
  return null;
}

export const logging: AdminEndpoint = {
  path: "/logging",
  method: "POST",
  help: "query/change logging levels",
  parameters: [
    ["paths", "Change multiple logging levels by <name1>:<level1>,<name2>:<level2>"],
    ["level", "desired logging level, this will change all loggers's level"],
  ],
  handle({ log }, params) {
    const error = change(log, params);
    const levels = log.levels().map(([name, level]) => `  ${name}: ${level}\n`);
    const list = `active loggers:\n${levels.join("")}\n`;
    return error === null ? textReply(list) : textReply(`error: ${error}\n\n${USAGE}${list}`, 400);
  },
};
