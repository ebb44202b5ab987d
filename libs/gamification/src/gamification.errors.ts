/**
 * The root of every error this library throws on purpose.
 *
 * `code` is stable across releases and meant for programs; `message` is for people and may be reworded.
 */
export abstract class GamificationError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One thing that is wrong with an input. */
export interface Problem {
  /** Where, as a path into the input: `traits.total`. */
  readonly path: string;
  /** What was given, in short, never more than a line. */
  readonly got: string;
  /** What is allowed there. */
  readonly allowed: string;
}

/** An input that was refused as a whole because of one or more {@link Problem | problems} in it. */
export abstract class InvalidInputError extends GamificationError {
  /**
   * @param subject what the input was for, as the first words of the message: `event "order.placed"`
   * @param problems everything that is wrong with it
   */
  constructor(
    subject: string,
    readonly problems: readonly Problem[],
  ) {
    super(`${subject}: ${problems.map(describeProblem).join('; ')}`);
  }
}

/** The options of the module, or of a client that is made without it, are wrong; nothing starts. */
export class GamificationOptionsError extends InvalidInputError {
  readonly code = 'OPTIONS_INVALID';
}

/** A list was asked for with a limit, a cursor or a filter that cannot be. */
export class InvalidQueryError extends GamificationError {
  readonly code = 'INVALID_QUERY';
}

/** A package that an option needs is not installed. It is an optional peer, so that nobody has it in vain. */
export class MissingPackageError extends GamificationError {
  readonly code = 'MISSING_PACKAGE';

  /** @param option what needs it, as the subject of the message */
  constructor(
    option: string,
    readonly packages: readonly string[],
    options?: ErrorOptions,
  ) {
    const names = packages.join(' ');
    super(
      `${option} needs ${packages.map((name) => JSON.stringify(name)).join(' and ')}: npm install ${names}`,
      options,
    );
  }
}

function describeProblem({ path, got, allowed }: Problem): string {
  return `${path} is ${got}, allowed: ${allowed}`;
}
