/** Ends a guest's call from within a hostcall: the same to the guest as `unreachable`. */
export class Trap extends Error {
  override readonly name = "Trap";
}

const MAX_FRAMES = 20;
const FRAME = /^\s*at (?:(.*?) \()?wasm:\/\/[^)]*?:wasm-function\[(\d+)\]:(0x[0-9a-f]+)/;

/** What ended a guest's call, as text for the log: `Uncaught RuntimeError: unreachable`. */
export function describeTrap(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${String(error)}`;
  return error instanceof Trap ? error.message : `Uncaught ${error.name}: ${error.message}`;
}

/** The guest's frames, innermost first: `  0:  0x1a2b - main.onHeaders`. Empty when there are none. */
export function guestBacktrace(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const frames: string[] = [];
  for (const line of error.stack.split("\n")) {
    const found = FRAME.exec(line);
    if (found === null) continue;
    const name = found[1] === undefined ? `wasm-function[${found[2]}]` : withoutModule(found[1]);
    frames.push(`  ${frames.length}:  ${found[3]} - ${name}`);
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** V8 puts the module's name before the function's. */
function withoutModule(name: string): string {
  const dot = name.indexOf(".wasm.");
  return dot < 0 ? name : name.slice(dot + 6);
}
