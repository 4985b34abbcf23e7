/** A guest's exports that the host calls, looked up once. */

/** Arguments are i32; extra ones are ignored, as JavaScript's calls into Wasm do. */
export type GuestFunction = (...args: number[]) => number | undefined;

/** Callback names and how many arguments they take; header callbacks of ABI 0.1.0 take one less. */
const CALLBACKS = {
  proxy_on_context_create: 2,
  proxy_on_vm_start: 2,
  proxy_on_configure: 2,
  proxy_on_tick: 1,
  proxy_on_request_headers: 3,
  proxy_on_request_body: 3,
  proxy_on_request_trailers: 2,
  proxy_on_response_headers: 3,
  proxy_on_response_body: 3,
  proxy_on_response_trailers: 2,
  proxy_on_http_call_response: 5,
  proxy_on_queue_ready: 2,
  proxy_on_done: 1,
  proxy_on_log: 1,
  proxy_on_delete: 1,
} as const;
export type CallbackName = keyof typeof CALLBACKS;

export type GuestCallbacks = Readonly<Record<CallbackName, GuestFunction | null>>;

/**
 * `allowed`: names of capabilities, null for all; a callback that isn't allowed counts as absent.
 * Throws an Error for an export of the wrong type.
 */
export function findCallbacks(
  exports: WebAssembly.Exports,
  isVersion010: boolean,
  allowed: ReadonlySet<string> | null,
): GuestCallbacks {
  const found: Record<string, GuestFunction | null> = {};
  for (const [name, arity] of Object.entries(CALLBACKS)) {
    const callback = exports[name];
    found[name] = null;
    if (typeof callback !== "function" || allowed?.has(name) === false) continue;
    const isShort = isVersion010 && /^proxy_on_(?:request|response)_headers$/.test(name);
    if (callback.length !== (isShort ? arity - 1 : arity))
      throw new Error(`Bad function signature for: ${name}`);
    found[name] = callback as GuestFunction;
  }
  return found as GuestCallbacks;
}
