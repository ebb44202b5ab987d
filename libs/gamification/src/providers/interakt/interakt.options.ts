import { IsBoolean, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { IsEventSelection } from '../../delivery/event-selection.js';
import { IsBaseUrl, IsSecret, RemoteOptions } from '../../http/remote-options.js';
import { Secret } from '../../secret.js';
import { IsCallback } from '../../validation.js';
import { isFilledKey } from './interakt-key.js';
import type { InteraktMessage } from './interakt-message.js';

/** How Interakt is used. */
export class InteraktOptions extends RemoteOptions {
  /**
   * The secret key of Settings → Developer Settings, as the dashboard shows it. Decoded from base64, with or without
   * the `:` at its end, it is accepted as well.
   */
  @IsSecret()
  @ValidateBy({
    name: 'isFilledKey',
    validator: { validate: isFilledKey, defaultMessage: () => 'not empty, once it is decoded' },
  })
  @Secret()
  apiKey!: string;

  /** Where the API is. */
  @IsBaseUrl()
  url: string = 'https://api.interakt.ai';

  /**
   * Whether `user()` and `event()` resolve with what Interakt answered, and throw what went wrong. Unless told, they put
   * the message on a queue in memory and resolve at once.
   */
  @IsBoolean()
  syncMode: boolean = false;

  /** Whether every message is logged at level `debug`: what it was and what became of it, nothing personal. */
  @IsBoolean()
  debug: boolean = false;

  /**
   * How often a message of the queue is tried again: after a network error or HTTP 408, 429 or 5xx, with growing,
   * random delays. With `syncMode`, and for events that are delivered, there is one try.
   */
  override maxRetries: number = 3;

  /** Messages that may wait in the queue at most, those under way included; more are refused. */
  @IsInt()
  @Min(1)
  maxQueueSize: number = 10_000;

  /**
   * Told once of every message of the queue that could not be sent. What it throws is logged and changes nothing else.
   * Without it, such messages are logged.
   */
  @IsOptional()
  @IsCallback()
  onError?: ((error: Error, message: InteraktMessage) => void | Promise<void>) | undefined;

  /**
   * Most calls a minute that this process makes, evenly spaced: what Interakt's plan allows, divided by the number of
   * processes. The plan "Growth" allows 300.
   */
  @IsInt()
  @Min(10)
  @Max(600_000)
  rateLimit: number = 300;

  /** Messages of the queue that are sent at a time, and events that are delivered at a time. */
  @IsInt()
  @Min(1)
  @Max(16)
  concurrency: number = 4;

  /**
   * Which events are delivered there: all (the default), none, or those of the named types. Traits of users are an
   * event `$identify`.
   */
  @IsEventSelection()
  events: boolean | string[] = true;
}
