import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { AccountsOptions, type EncryptionKey } from './accounts/accounts.options.js';
import { AsItCame } from './as-it-came.js';
import type { EventRequest, RecordedEvent } from './events/event.js';
import type { Resolvable } from './events/track-options.js';
import { GamificationOptionsError } from './gamification.errors.js';
import { GiftsOptions } from './gifts/gifts.options.js';
import type { HttpInterceptor } from './http/http-interceptor.js';
import { isTimeZone } from './mechanics/calendar.js';
import type { MechanicsDefinition } from './mechanics/definition.js';
import { PaymentsOptions } from './payments/payments.options.js';
import { GloebitOptions } from './providers/gloebit/gloebit.options.js';
import { GmfyOptions } from './providers/gmfy/gmfy.options.js';
import { InteraktOptions } from './providers/interakt/interakt.options.js';
import { PlayblazerOptions } from './providers/playblazer/playblazer.options.js';
import { WalletServiceOptions } from './providers/wallet-service/wallet-service.options.js';
import { Secret, withoutPassword } from './secret.js';
import { ShopOptions } from './shop/shop.options.js';
import { checked, IsCallback, IsIdentifier, isPlainObject, withoutTexts } from './validation.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Where everything is kept. */
export class StorageOptions {
  /**
   * - `memory:` keeps nothing beyond the process (with a warning),
   * - `file:./gamification.db` is a SQLite file, made where it is missing, with its folder,
   * - `postgres://user:password@host:5432/database` is PostgreSQL, which any number of instances share.
   */
  @IsStorageUrl()
  @Secret(withoutPassword)
  url: string = 'memory:';

  /** Connections to PostgreSQL at most. SQLite needs none. */
  @IsInt()
  @Min(3)
  @Max(1_000)
  maxConnections: number = 10;

  /**
   * Whether connections to PostgreSQL keep the plans of statements, which is faster. Not behind a pooler that gives each
   * transaction another connection and does not know of prepared statements, such as PgBouncer before 1.21.
   */
  @IsBoolean()
  preparedStatements: boolean = true;

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

/** How events are delivered to the remote systems that take events. */
export class DeliveryOptions {
  /**
   * How long an event that a system does not take waits before it is sent again, in milliseconds: after the first
   * failure, the second, and so on. When the list is at its end, the event is kept as a dead letter.
   */
  @IsArray()
  @ArrayMaxSize(100)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(2_592_000_000, { each: true })
  retryDelays: number[] = [
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
    48 * HOUR,
  ];

  /** With `storage: false`: events that may wait for one system at most; then the intake waits, and fills up. */
  @IsInt()
  @Min(1)
  maxQueueSize: number = 10_000;

  /** How long a shutdown waits for deliveries under way, in milliseconds; without storage, for all that wait. */
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  shutdownTimeout: number = 10_000;

  /** Told of each event that a system did not take however often it was sent: a dead letter. */
  @IsOptional()
  @IsCallback()
  onError?: (error: Error, event: RecordedEvent, destination: string) => void | Promise<void>;
}

/** How the mechanics are applied. */
export class EngineOptions {
  /** IANA name of the time zone of players whose trait `timeZone` does not say. */
  @IsTimeZoneName()
  timeZone: string = 'UTC';

  /**
   * How far behind a player's latest event one that comes late may have occurred to take effect in its place, in
   * milliseconds: up to 90 days, 7 days unless told. One that is later counts as if it had occurred then.
   */
  @IsInt()
  @Min(0)
  @Max(90 * 24 * HOUR)
  lateness: number = 7 * 24 * HOUR;
}

/** How remote systems are called. */
export class HttpOptions {
  /** Stands around every try of every call: to log, to count, to add headers. */
  @IsOptional()
  @IsCallback()
  interceptor?: HttpInterceptor;
}

/** What `GamificationModule.forRoot` takes, complete with its defaults. */
export class GamificationOptions {
  /**
   * Where everything is kept; `false` for nowhere: the application is then a client of remote systems, and events that
   * they have not taken yet are only in memory.
   */
  @ValidateIf(({ storage }: GamificationOptions) => storage !== false)
  @IsObject()
  @ValidateNested()
  @Type(() => StorageOptions)
  storage: StorageOptions | false = new StorageOptions();

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

  /**
   * What events are worth: the path of a YAML or JSON file, or what it would hold. Needs `storage`, and is not for
   * applications whose players GMFY keeps.
   */
  @AsItCame()
  @IsOptional()
  @IsMechanics()
  mechanics?: string | MechanicsDefinition;

  /** How the mechanics are applied. */
  @IsObject()
  @ValidateNested()
  @Type(() => EngineOptions)
  engine: EngineOptions = new EngineOptions();

  /** What users are told about gifts, where the engine keeps them. */
  @IsObject()
  @ValidateNested()
  @Type(() => GiftsOptions)
  gifts: GiftsOptions = new GiftsOptions();

  /** How users confirm payments. Without it, and without GMFY, nothing serves `Payments`. Needs `storage`. */
  @IsOptionsOf(() => PaymentsOptions)
  @NeedsStorage()
  payments?: PaymentsOptions;

  /** What the engine's shop is paid in. */
  @IsObject()
  @ValidateNested()
  @Type(() => ShopOptions)
  shop: ShopOptions = new ShopOptions();

  /** How events are delivered to the remote systems that take events. */
  @IsObject()
  @ValidateNested()
  @Type(() => DeliveryOptions)
  delivery: DeliveryOptions = new DeliveryOptions();

  /** How remote systems are called. */
  @IsObject()
  @ValidateNested()
  @Type(() => HttpOptions)
  http: HttpOptions = new HttpOptions();

  /** GMFY: serves `Players`, `Leaderboards`, `Payments` and `Notifications`, and takes events. */
  @IsOptionsOf(() => GmfyOptions)
  gmfy?: GmfyOptions;

  /** A wallet service: serves `Wallets`. */
  @IsOptionsOf(() => WalletServiceOptions)
  wallet?: WalletServiceOptions;

  /** How the accounts are kept that users have linked at other systems. Needs `storage`. */
  @IsOptionsOf(() => AccountsOptions)
  @NeedsStorage()
  accounts?: AccountsOptions;

  /** Gloebit: serves `Shop` for users who have linked their account. */
  @IsOptionsOf(() => GloebitOptions)
  gloebit?: GloebitOptions;

  /** Playblazer Gifts: serves `Gifts`. */
  @IsOptionsOf(() => PlayblazerOptions)
  playblazer?: PlayblazerOptions;

  /** Interakt: takes events. */
  @IsOptionsOf(() => InteraktOptions)
  interakt?: InteraktOptions;
}

/**
 * Options of which those without a default must be named. They may be `undefined`, as what an environment variable says;
 * then the start fails, and tells which one is missing.
 */
type Given<Options, Required extends keyof Options = never> = Partial<Omit<Options, Required>> & {
  [Option in Required]: Options[Option] | undefined;
};

/** {@link GamificationOptions} as they are given: what has a default may be left out. */
export interface GamificationModuleOptions {
  readonly storage?: Partial<StorageOptions> | false;
  readonly tracking?: Partial<TrackingOptions>;
  readonly user?: GamificationOptions['user'];
  readonly authorityId?: string;
  readonly mechanics?: string | MechanicsDefinition | undefined;
  readonly engine?: Partial<EngineOptions>;
  readonly gifts?: Partial<GiftsOptions>;
  readonly payments?: Given<PaymentsOptions, 'codeSender' | 'confirmationUrl'> | undefined;
  readonly shop?: Partial<ShopOptions>;
  readonly delivery?: Partial<DeliveryOptions>;
  readonly http?: HttpOptions;
  readonly gmfy?: Given<GmfyOptions, 'apiKey' | 'url'> | undefined;
  readonly wallet?: Given<WalletServiceOptions, 'config'> | undefined;
  readonly accounts?: { readonly encryptionKeys: Given<EncryptionKey, 'id' | 'key'>[] } | undefined;
  readonly gloebit?: Given<GloebitOptions> | undefined;
  readonly playblazer?: Given<PlayblazerOptions, 'appId' | 'mode' | 'secretKey' | 'url'> | undefined;
  readonly interakt?: Given<InteraktOptions, 'apiKey'> | undefined;
}

/**
 * Fills in the defaults and checks the result.
 *
 * @throws GamificationOptionsError naming every option that is wrong
 */
export function resolveOptions(given?: GamificationModuleOptions): GamificationOptions {
  const { value, problems } = checked(GamificationOptions, given ?? {});
  // What was given may be a secret.
  if (problems.length > 0)
    throw new GamificationOptionsError('options of GamificationModule', problems.map(withoutTexts));
  return value;
}

/** class-validator decorator for what is only there where its options are. `null` is refused: it may be a mistake. */
function IsOptionsOf(type: () => new () => object): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    IsObject(),
    ValidateNested(),
    Type(type),
  );
}

/** Refuses options of what is kept where nothing is. */
function NeedsStorage(): PropertyDecorator {
  return ValidateBy({
    name: 'needsStorage',
    validator: {
      // class-validator passes the instance that it checks, which is of this class.
      validate: (_, args?: ValidationArguments) =>
        (args?.object as GamificationOptions | undefined)?.storage !== false,
      defaultMessage: () => 'given only with a `storage`',
    },
  });
}

/** Refuses mechanics where nothing keeps what they give, or GMFY does. What is in them is checked when they are read. */
function IsMechanics(): PropertyDecorator {
  return ValidateBy({
    name: 'isMechanics',
    validator: {
      validate: (value, args?: ValidationArguments) => {
        // class-validator passes the instance that it checks, which is of this class.
        const options = args?.object as GamificationOptions | undefined;
        const isGiven = typeof value === 'string' || isPlainObject(value);
        return isGiven && options?.storage !== false && options?.gmfy === undefined;
      },
      defaultMessage: () =>
        'the path of a file or an object, with a `storage`, and without `gmfy`, which has its own',
    },
  });
}

function IsTimeZoneName(): PropertyDecorator {
  return ValidateBy({
    name: 'isTimeZoneName',
    validator: {
      validate: (value) => typeof value === 'string' && isTimeZone(value),
      defaultMessage: () => 'the name of a time zone, such as Europe/Berlin',
    },
  });
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

function IsTextOrFunction(): PropertyDecorator {
  return ValidateBy({
    name: 'isTextOrFunction',
    validator: {
      validate: (value) => typeof value === 'string' || typeof value === 'function',
      defaultMessage: () => 'a text or a function',
    },
  });
}
