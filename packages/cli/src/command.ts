/** What a verb of the command is. */
export interface Command {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly help: string;
  /** The whole help text of the verb. */
  usage(): string;
  /** Resolves to the exit code. */
  execute(args: readonly string[]): Promise<number>;
}
