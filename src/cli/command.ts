/** Where a command writes, and what it reads besides its arguments. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface Command {
  readonly name: string;
  /** A line in the general help. */
  readonly summary: string;
  /**
   * @returns the exit status
   * @throws UsageError
   */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}
