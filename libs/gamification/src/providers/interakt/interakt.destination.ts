import type { Destination } from '../../delivery/destination.js';
import { selects } from '../../delivery/event-selection.js';
import type { RecordedEvent } from '../../events/event.js';
import type { InteraktOptions } from './interakt.options.js';
import type { InteraktClient } from './interakt-client.js';
import {
  isCountryCode,
  isFullPhoneNumber,
  isPhoneNumber,
  isTags,
  type NewInteraktUser,
} from './interakt-inputs.js';
import { eventMessage, type InteraktMessage, userMessage } from './interakt-message.js';
import { flatTraits } from './interakt-traits.js';

/** The type of the events that hold traits of users. */
const IDENTIFY = '$identify';

/**
 * Delivers events to Interakt, one a call.
 *
 * An event is named by its type, `{action}_{type}` where it has an action. Its trait `eventId` is the event's id, by
 * which a repeat can be recognised, and its time is `createdAt`. Traits of users go to their profile; there,
 * `phoneNumber` with `countryCode`, `fullPhoneNumber` and `tags` are what Interakt calls so, where they are as it wants
 * them, and otherwise traits like others.
 */
export class InteraktDestination implements Destination {
  readonly name = 'interakt';
  readonly maxBatchSize = 1;
  readonly concurrency: number;

  constructor(
    private readonly client: InteraktClient,
    private readonly options: Pick<InteraktOptions, 'events' | 'concurrency'>,
  ) {
    this.concurrency = options.concurrency;
  }

  accepts(type: string): boolean {
    return selects(this.options.events, type) && (!type.startsWith('$') || type === IDENTIFY);
  }

  /** @throws InvalidRequestError, InteraktError, RemoteUnavailableError, InvalidRemoteResponseError */
  async deliver(events: readonly RecordedEvent[]): Promise<void> {
    for (const event of events) await this.client.post(messageOf(event), true);
  }
}

function messageOf(event: RecordedEvent): InteraktMessage {
  const { id, userId, type, action, traits, occurredAt } = event;
  if (type === IDENTIFY) return userMessage({ userId, ...profileOf(traits) });
  return eventMessage({
    userId,
    event: action === undefined ? type : `${action}_${type}`,
    traits: { ...flatTraits(traits), eventId: id },
    createdAt: occurredAt,
  });
}

/** Traits of a user, with those that Interakt has a place of its own for put there. */
function profileOf(traits: RecordedEvent['traits']): Omit<NewInteraktUser, 'userId'> {
  const { phoneNumber, countryCode, fullPhoneNumber, tags, ...others } = traits;
  const code = countryCode ?? '+91';
  const hasPhone = isCountryCode(code) && isPhoneNumber(phoneNumber, code);
  const hasFullPhone = !hasPhone && isFullPhoneNumber(fullPhoneNumber);
  const hasTags = isTags(tags);
  const kept = {
    ...(hasPhone ? {} : { phoneNumber, countryCode }),
    ...(hasFullPhone ? {} : { fullPhoneNumber }),
    ...(hasTags ? {} : { tags }),
  };
  const present = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return {
    ...(hasPhone ? { phoneNumber, countryCode: code } : {}),
    ...(hasFullPhone ? { fullPhoneNumber } : {}),
    ...(hasTags ? { tags } : {}),
    traits: flatTraits({ ...others, ...present }),
  };
}
