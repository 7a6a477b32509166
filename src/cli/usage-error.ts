/** A mistake on the command line: answered on stderr, with exit status 2. */
export class UsageError extends Error {
  /** @param command whose help to point to */
  constructor(
    message: string,
    readonly command?: string,
  ) {
    super(message);
  }
}
