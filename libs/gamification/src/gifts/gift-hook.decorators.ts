import type { GiftReply, NewGiftRequest } from './gift-inputs.js';

/** When a hook runs. */
export type GiftHookTime = 'before request' | 'after request' | 'before reply' | 'after reply';

/** What a hook is called with. */
export interface GiftHookArguments {
  readonly 'before request': readonly [request: Readonly<NewGiftRequest>];
  readonly 'after request': readonly [request: Readonly<NewGiftRequest>, requestId: string];
  readonly 'before reply': readonly [reply: Readonly<GiftReply>];
  readonly 'after reply': readonly [reply: Readonly<GiftReply>];
}

/** Stands on a method that can be called with these arguments; it may leave some of them out. */
type HookDecorator<Time extends GiftHookTime> = <
  Method extends (...args: GiftHookArguments[Time]) => unknown,
>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/** The metadata key on a decorated method: when it runs. */
const HOOK_TIMES = Symbol('gift hook times');

/**
 * Calls the method before a gift is requested through `Gifts`, and waits for it. What it throws keeps the request from
 * being made; to refuse by a rule of the application, it throws `GiftRefusedError` with the application's own code.
 *
 * ```ts
 * @Injectable()
 * export class GiftQuota {
 *   @BeforeGiftRequest()
 *   async check({ userId }: NewGiftRequest): Promise<void> {
 *     if (await this.isUsedUp(userId)) {
 *       throw new GiftRefusedError('E_GIFT_QUOTA_EXCEEDED', 'You have exceeded your quota of gifts');
 *     }
 *   }
 * }
 * ```
 *
 * Stands on a method of any provider or controller that is not request-scoped. What it is given is checked already and
 * cannot be changed. Several hooks run one after the other, as their modules and providers are registered.
 */
export function BeforeGiftRequest(): HookDecorator<'before request'> {
  return hook('before request');
}

/**
 * Calls the method after a gift was requested through `Gifts`, with the request and its id. The caller of `request`
 * waits for it. The request has been made by then, so what the method throws is logged and changes nothing.
 */
export function AfterGiftRequest(): HookDecorator<'after request'> {
  return hook('after request');
}

/** Calls the method before a reply is made through `Gifts`, as {@link BeforeGiftRequest} does before a request. */
export function BeforeGiftReply(): HookDecorator<'before reply'> {
  return hook('before reply');
}

/** Calls the method after a reply was made through `Gifts`, as {@link AfterGiftRequest} does after a request. */
export function AfterGiftReply(): HookDecorator<'after reply'> {
  return hook('after reply');
}

/** When a method is to run, as its decorators say. */
export function hookTimesOf(method: object): readonly GiftHookTime[] {
  return Reflect.getOwnMetadata(HOOK_TIMES, method) ?? [];
}

function hook<Time extends GiftHookTime>(time: Time): HookDecorator<Time> {
  return (_target, key, { value }) => {
    if (typeof value !== 'function' || typeof key !== 'string') {
      throw new TypeError('a hook of gifts can only stand on a method with a name');
    }
    Reflect.defineMetadata(HOOK_TIMES, [...hookTimesOf(value), time], value);
  };
}
