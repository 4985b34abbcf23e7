/** What one admin endpoint is. */
import type { AdminSources } from "./sources.ts";

export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface AdminEndpoint {
  readonly path: string;
  /** POST if it changes state; GET endpoints answer any method. */
  readonly method: "GET" | "POST";
  readonly help: string;
  /** Query parameters and what they mean. */
  readonly parameters?: readonly (readonly [name: string, help: string])[];
  handle(sources: AdminSources, params: URLSearchParams): AdminReply;
}

const TEXT = "text/plain; charset=UTF-8";

export function textReply(body: string, status = 200, contentType = TEXT): AdminReply {
  return { status, contentType, body };
}

/** With one space of indent, as Envoy prints messages. */
export function jsonReply(value: unknown): AdminReply {
  const body = `${JSON.stringify(value, null, 1)}\n`;
  return { status: 200, contentType: "application/json", body };
}
