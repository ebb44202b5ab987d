import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { toError } from '../to-error.js';
import { type GiftHookArguments, type GiftHookTime, hookTimesOf } from './gift-hook.decorators.js';
import type { GiftReply, NewGiftRequest } from './gift-inputs.js';
import { GiftHookScopeError } from './gifts.errors.js';

/** A decorated method of a provider. */
interface GiftHook {
  /** Its class and its method, for people. */
  readonly name: string;
  readonly time: GiftHookTime;
  readonly owner: object;
  readonly method: string;
}

/** A provider or controller of the application, as Nest's container knows it. */
type Registered = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the application's hooks of gifts and runs them, whatever serves `Gifts`. */
@Injectable()
export class GiftHooks implements OnModuleInit {
  private readonly logger = new Logger('Gifts');
  private known: readonly GiftHook[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws GiftHookScopeError when a hook stands on a method of a provider of which there is not exactly one */
  onModuleInit(): void {
    this.known = this.find();
  }

  /**
   * Makes a request with the hooks around it.
   *
   * @param given checked; it is frozen, so that what was checked is what is made
   * @param make makes the request and resolves with its id
   * @throws what a before-hook throws, and then nothing was made; or what `make` throws
   */
  async aroundRequest(given: NewGiftRequest, make: () => Promise<string>): Promise<string> {
    const request = frozen(given);
    await this.runBefore('before request', request);
    const requestId = await make();
    await this.runAfter('after request', request, requestId);
    return requestId;
  }

  /** Makes a reply with the hooks around it, as {@link aroundRequest} makes a request. */
  async aroundReply(given: GiftReply, make: () => Promise<void>): Promise<void> {
    const reply = frozen(given);
    await this.runBefore('before reply', reply);
    await make();
    await this.runAfter('after reply', reply);
  }

  private async runBefore<Time extends GiftHookTime>(
    time: Time,
    ...args: GiftHookArguments[Time]
  ): Promise<void> {
    for (const hook of this.hooksOf(time)) await call(hook, args);
  }

  private async runAfter<Time extends GiftHookTime>(
    time: Time,
    ...args: GiftHookArguments[Time]
  ): Promise<void> {
    for (const hook of this.hooksOf(time)) {
      try {
        await call(hook, args);
      } catch (thrown) {
        const { message, stack } = toError(thrown);
        this.logger.error(`${hook.name}, which runs ${time}, failed: ${message}`, stack);
      }
    }
  }

  private hooksOf(time: GiftHookTime): readonly GiftHook[] {
    // An application that was made and not initialized, as unit tests have it, has its hooks all the same.
    return (this.known ?? this.find()).filter((hook) => hook.time === time);
  }

  private find(): readonly GiftHook[] {
    const owners = new Set<object>();
    const found: GiftHook[] = [];
    for (const registered of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (!isSingle(registered)) {
        this.refuseHooksOf(registered);
        continue;
      }
      const owner: unknown = registered.instance;
      // An alias, or a value that is provided twice, is still one owner.
      if (typeof owner !== 'object' || owner === null || owners.has(owner)) continue;
      owners.add(owner);
      found.push(...this.marked(Object.getPrototypeOf(owner), owner));
    }
    return found;
  }

  private refuseHooksOf({ metatype }: Registered): void {
    if (typeof metatype !== 'function' || typeof metatype.prototype !== 'object') return;
    const [hook] = this.marked(metatype.prototype, metatype.prototype);
    if (hook) throw new GiftHookScopeError(hook.name);
  }

  private marked(prototype: object | null, owner: object): GiftHook[] {
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const value: unknown = prototype && Reflect.get(prototype, method);
      if (typeof value !== 'function') return [];
      const name = `${prototype?.constructor?.name}.${method}`;
      return hookTimesOf(value).map((time) => ({ name, time, owner, method }));
    });
  }
}

/** Whether there is one instance, made at the start. */
function isSingle(registered: Registered): boolean {
  return !registered.isTransient && registered.isDependencyTreeStatic();
}

function call({ owner, method }: GiftHook, args: readonly unknown[]): unknown {
  const value: unknown = Reflect.get(owner, method);
  if (typeof value !== 'function') throw new TypeError(`${method} is no longer a method`);
  return Reflect.apply(value, owner, args);
}

function frozen<Given extends NewGiftRequest | GiftReply>(given: Given): Readonly<Given> {
  if (given.attributes) Object.freeze(given.attributes);
  return Object.freeze(given);
}
