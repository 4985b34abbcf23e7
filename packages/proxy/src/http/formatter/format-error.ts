/** A format string that can't be compiled. */

export class FormatError extends Error {
  /** Where in the format text, characters from its start. */
  readonly position: number;

  /** `text` is Envoy's, so users find it in Envoy's documentation and threads. */
  constructor(text: string, position: number) {
    super(text);
    this.name = "FormatError";
    this.position = position;
  }
}
