/** The return values of a filter's callbacks; the numbers are those of Envoy and of the Proxy-Wasm ABI. */

/** What happens after `decodeHeaders` or `encodeHeaders`. Source: envoy/http/filter.h. */
export const FilterHeadersStatus = {
  /** The next filter gets the headers. */
  Continue: 0,
  /**
   * Later filters don't get the headers yet; this filter still gets body and trailers. Iteration
   * goes on when a body or trailers callback returns Continue, or by continueDecoding/Encoding.
   */
  StopIteration: 1,
  /** The next filter gets the headers with end of stream unset: this filter will inject a body. */
  ContinueAndDontEndStream: 2,
  /**
   * Nothing of this stream is passed on, and this filter gets no body callback, until it continues.
   * Body is buffered; above the limit the request ends with 413, the response with 500.
   */
  StopAllIterationAndBuffer: 3,
  /** As StopAllIterationAndBuffer, but above the limit the sender is paused instead. */
  StopAllIterationAndWatermark: 4,
} as const;
export type FilterHeadersStatus = (typeof FilterHeadersStatus)[keyof typeof FilterHeadersStatus];

/** What happens after `decodeData` or `encodeData`. Source: envoy/http/filter.h. */
export const FilterDataStatus = {
  /** Held headers, then what was buffered before together with this chunk, go to the next filter. */
  Continue: 0,
  /** The chunk is buffered; above the limit: 413 (request) or 500 (response). */
  StopIterationAndBuffer: 1,
  /** The chunk is buffered; above the limit the sender is paused. */
  StopIterationAndWatermark: 2,
  /** The chunk is the filter's own: the manager forgets it. */
  StopIterationNoBuffer: 3,
} as const;
export type FilterDataStatus = (typeof FilterDataStatus)[keyof typeof FilterDataStatus];

/** What happens after `decodeTrailers` or `encodeTrailers`. Source: envoy/http/filter.h. */
export const FilterTrailersStatus = { Continue: 0, StopIteration: 1 } as const;
export type FilterTrailersStatus = (typeof FilterTrailersStatus)[keyof typeof FilterTrailersStatus];

/** What happens after `onLocalReply`. Source: envoy/http/filter.h, LocalErrorStatus. */
export const LocalReplyStatus = { Continue: 0, ContinueAndResetStream: 1 } as const;
export type LocalReplyStatus = (typeof LocalReplyStatus)[keyof typeof LocalReplyStatus];
