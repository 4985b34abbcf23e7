/** What hostcalls ask of the context that they act on: a plugin's root, or one of its streams. */
import type { HeaderMap } from "../abi/header-map.ts";
import type { BodyBuffer, StreamHost } from "./host.ts";
import type { RootContext } from "./root-context.ts";

export interface Context {
  readonly id: number;
  readonly root: RootContext;
  /** Null for a root context. */
  readonly stream: StreamHost | null;
  /** The map if it can be read now. */
  readableMap(type: number): HeaderMap | null;
  /** The map if it can be changed now; makes trailers where Envoy does. */
  writableMap(type: number): HeaderMap | null;
  /** A body, or null without one now. */
  body(type: number): BodyBuffer | null;
  /** In the log phase unavailable maps are NotFound instead of BadArgument. */
  readonly isLogging: boolean;
}
