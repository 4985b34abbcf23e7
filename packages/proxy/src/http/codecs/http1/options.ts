/** What the HTTP/1 codecs can be told, with Envoy's defaults; sources are config.core.v3 messages. */

export const HeadersWithUnderscores = { Allow: 0, Reject: 1, Drop: 2 } as const;
export type HeadersWithUnderscores =
  (typeof HeadersWithUnderscores)[keyof typeof HeadersWithUnderscores];

/** How names are written; Default: lower case. Source: Http1ProtocolOptions.HeaderKeyFormat. */
export const HeaderKeyFormat = { Default: 0, ProperCaseWords: 1 } as const;
export type HeaderKeyFormat = (typeof HeaderKeyFormat)[keyof typeof HeaderKeyFormat];

export interface Http1ServerOptions {
  /** Answer HTTP/1.0 requests as such. Source: Http1ProtocolOptions.accept_http_10. */
  readonly acceptHttp10: boolean;
  /** Take `:authority` and `:path` from an absolute request target. Source: …allow_absolute_url. */
  readonly allowAbsoluteUrl: boolean;
  /** With chunked coding, drop Content-Length instead of refusing. Source: …allow_chunked_length. */
  readonly allowChunkedLength: boolean;
  /** Pass trailers on, both ways. Source: …enable_trailers. */
  readonly enableTrailers: boolean;
  /** Any token is a method. Source: …allow_custom_methods. */
  readonly allowCustomMethods: boolean;
  /** Source: HttpProtocolOptions.headers_with_underscores_action. */
  readonly headersWithUnderscores: HeadersWithUnderscores;
  /** Request line and headers, bytes. Source: HttpConnectionManager.max_request_headers_kb × 1024. */
  readonly maxHeadersBytes: number;
  /** Source: HttpProtocolOptions.max_headers_count. */
  readonly maxHeadersCount: number;
  readonly headerKeyFormat: HeaderKeyFormat;
}

export const DEFAULT_SERVER_OPTIONS: Http1ServerOptions = {
  acceptHttp10: false,
  allowAbsoluteUrl: true,
  allowChunkedLength: false,
  enableTrailers: false,
  allowCustomMethods: false,
  headersWithUnderscores: HeadersWithUnderscores.Allow,
  maxHeadersBytes: 60 * 1024,
  maxHeadersCount: 100,
  headerKeyFormat: HeaderKeyFormat.Default,
};

export interface Http1ClientOptions {
  /** See the server's. */
  readonly allowChunkedLength: boolean;
  readonly enableTrailers: boolean;
  /** Status line and headers, bytes. Source: HttpProtocolOptions.max_response_headers_kb × 1024. */
  readonly maxHeadersBytes: number;
  readonly maxHeadersCount: number;
  readonly headerKeyFormat: HeaderKeyFormat;
}

export const DEFAULT_CLIENT_OPTIONS: Http1ClientOptions = {
  allowChunkedLength: false,
  enableTrailers: false,
  maxHeadersBytes: 80 * 1024,
  maxHeadersCount: 100,
  headerKeyFormat: HeaderKeyFormat.Default,
};
