import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Max, Min, ValidateBy, ValidateNested } from 'class-validator';
import type { EventRequest } from './events/event.js';
import type { Resolvable } from './events/track-options.js';
import { InvalidInputError, type Problem } from './gamification.errors.js';
import { checked, IsIdentifier } from './validation.js';

/** Where everything is kept. */
export class StorageOptions {
  /**
   * - `memory:` keeps nothing beyond the process (with a warning),
   * - `file:./gamification.db` is a SQLite file, made where it is missing, with its folder,
   * - `postgres://user:password@host:5432/database` is PostgreSQL, which any number of instances share.
   */
  @IsStorageUrl()
  url: string = 'memory:';

  /** Connections to PostgreSQL at most. SQLite needs none. */
  @IsInt()
  @Min(3)
  @Max(1_000)
  maxConnections: number = 10;

  /** Writes that may wait for a transaction at most; more are refused with `StorageUnavailableError`. */
  @IsInt()
  @Min(1)
  maxPendingWrites: number = 10_000;
}

/** How events are taken in. */
export class TrackingOptions {
  /** Events that may wait to be recorded at most; more are refused, counted and reported. */
  @IsInt()
  @Min(1)
  maxQueueSize: number = 10_000;

  /** How long a shutdown, or `flush()`, waits for events to be recorded, in milliseconds. */
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  shutdownTimeout: number = 10_000;

  /**
   * Told of every event that could not be tracked and that no caller waits for. What it throws is logged and changes
   * nothing else. Without it, such events are logged.
   */
  @IsOptional()
  @IsCallback()
  onError?: (error: Error, event: EventRequest) => void | Promise<void>;
}

/** What `GamificationModule.forRoot` takes, complete with its defaults. */
export class GamificationOptions {
  /** Where everything is kept. */
  @IsObject()
  @ValidateNested()
  @Type(() => StorageOptions)
  storage: StorageOptions = new StorageOptions();

  /** How events are taken in. */
  @IsObject()
  @ValidateNested()
  @Type(() => TrackingOptions)
  tracking: TrackingOptions = new TrackingOptions();

  /** Who the user of a request is, for every `@TrackEvent` that does not say so itself. */
  @IsOptional()
  @IsTextOrFunction()
  user?: Resolvable<string | undefined>;

  /** The authority that this application writes ledger entries as, unless an entry names another. */
  @IsIdentifier()
  authorityId: string = 'application';
}

/** {@link GamificationOptions} as they are given: every field may be left out. */
export interface GamificationModuleOptions
  extends Partial<Omit<GamificationOptions, 'storage' | 'tracking'>> {
  readonly storage?: Partial<StorageOptions>;
  readonly tracking?: Partial<TrackingOptions>;
}

/** The options of `GamificationModule.forRoot` are wrong; the application does not start. */
export class GamificationOptionsError extends InvalidInputError {
  readonly code = 'OPTIONS_INVALID';
}

/**
 * Fills in the defaults and checks the result.
 *
 * @throws GamificationOptionsError naming every option that is wrong
 */
export function resolveOptions(given?: GamificationModuleOptions): GamificationOptions {
  const { value, problems } = checked(GamificationOptions, given ?? {});
  if (problems.length > 0)
    throw new GamificationOptionsError('options of GamificationModule', problems.map(withoutTexts));
  return value;
}

const STORAGE_URL_RULE = 'memory:, file:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE';

function IsStorageUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isStorageUrl',
    validator: { validate: isStorageUrl, defaultMessage: () => STORAGE_URL_RULE },
  });
}

function isStorageUrl(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value === 'memory:' || /^file:./.test(value)) return true;
  return /^postgres(ql)?:\/\/./.test(value) && URL.canParse(value);
}

function IsCallback(): PropertyDecorator {
  return ValidateBy({
    name: 'isCallback',
    validator: { validate: (value) => typeof value === 'function', defaultMessage: () => 'a function' },
  });
}

function IsTextOrFunction(): PropertyDecorator {
  return ValidateBy({
    name: 'isTextOrFunction',
    validator: {
      validate: (value) => typeof value === 'string' || typeof value === 'function',
      defaultMessage: () => 'a text or a function',
    },
  });
}

/** What was given may be a secret that stands in the wrong place, so a text is not repeated. */
function withoutTexts(problem: Problem): Problem {
  return problem.got.startsWith('"') ? { ...problem, got: 'a text' } : problem;
}
