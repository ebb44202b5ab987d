import { Readable } from 'node:stream';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  StreamableFile,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  EventTracker,
  eachOf,
  Leaderboards,
  MechanicsCatalog,
  Notifications,
  type PaymentLocale,
  Payments,
  Players,
  Wallets,
} from 'nestjs-gamification';
import type { GmfyServerOptions } from '../server.options.js';
import { textOf } from '../wire/wire-values.js';
import { GmfyExceptionFilter } from './gmfy-exception.filter.js';
import { GmfyKeyGuard } from './gmfy-key.guard.js';
import { GMFY_OPTIONS } from './gmfy-options.js';
import { GmfyViews } from './gmfy-views.js';
import { receivedEvent } from './wire-event.js';

/** The protocol tells nobody what an event changed. */
const UNRANKED = { ranks: false };
/** Events of a batch at most. */
const MAX_BATCH = 1_000;
/** Notifications of one answer at most: the protocol has no pages. */
const MAX_NOTIFICATIONS = 1_000;
/** What all answers have unless the options say otherwise. */
const CLIENT_ID = '00000000-0000-4000-8000-000000000000';

/** GMFY's protocol, as its client for Python speaks it, with and without a slash at the end of each path. */
@Controller('v1')
@UseGuards(GmfyKeyGuard)
@UseFilters(GmfyExceptionFilter)
export class GmfyController {
  private readonly views: GmfyViews;
  private readonly clientId: string;
  private readonly startedAt = new Date();

  constructor(
    @Inject(EventTracker) private readonly tracker: EventTracker,
    @Inject(Players) private readonly players: Players,
    @Inject(Leaderboards) private readonly leaderboards: Leaderboards,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(Wallets) private readonly wallets: Wallets,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    @Inject(GMFY_OPTIONS) { clientId = CLIENT_ID }: GmfyServerOptions,
  ) {
    this.clientId = clientId;
    this.views = new GmfyViews(clientId);
  }

  /** Answered once the event is recorded, so that what was answered is never lost. */
  @Post('events')
  async event(@Body() body: unknown): Promise<void> {
    const { type, details } = receivedEvent(body, 'the body');
    await this.tracker.track(type, details, UNRANKED);
  }

  /** A bare list. Where one event cannot be as it is, none is recorded. */
  @Post('events/batch')
  async events(@Body() body: unknown): Promise<void> {
    if (!Array.isArray(body) || body.length > MAX_BATCH) {
      throw new BadRequestException({ message: `the body is to be a list of at most ${MAX_BATCH} events` });
    }
    const events = body.map((each: unknown, index) => receivedEvent(each, `[${index}]`));
    await this.tracker.trackMany(
      events.map(({ type, details }) => [type, details] as const),
      UNRANKED,
    );
  }

  /** Every user with what they have, written as it is read. */
  @Get('users')
  users(): StreamableFile {
    return new StreamableFile(Readable.from(this.allUsers()), { type: 'application/json' });
  }

  /** One object; whether GMFY answers a list of one is not known ([inferred]). */
  @Get('users/:userId')
  async user(@Param('userId') userId: string) {
    return this.views.user(await this.players.get(userId));
  }

  @Get('badges/:userId')
  async badges(@Param('userId') userId: string) {
    return (await this.players.badges(userId)).map((badge) => this.views.badge(badge));
  }

  @Get('ratings/:ratingId/top')
  async ratingTop(
    @Param('ratingId') ratingId: string,
    @Query('offset') offset = '0',
    @Query('limit') limit = '10',
    @Query('sort') sort = 'ASC',
  ) {
    if (!this.catalog.get().ratings.some(({ id }) => id === ratingId)) throw missing('rating');
    const query = {
      offset: wholeNumber('offset', offset),
      limit: wholeNumber('limit', limit),
      sort: /^desc$/i.test(textOf(sort) ?? '') ? 'desc' : 'asc',
    } as const;
    return (await this.leaderboards.top(ratingId, query)).map((each) => this.views.rating(each));
  }

  @Get('challenges/:challengeId/top')
  async challengeTop(@Param('challengeId') challengeId: string, @Query('limit') limit = '10') {
    if (!this.catalog.get().challenges.some(({ id }) => id === challengeId)) throw missing('challenge');
    const challenges = await this.leaderboards.topOfChallenge(challengeId, {
      limit: wholeNumber('limit', limit),
    });
    return challenges.map((each) => this.views.challenge(each));
  }

  @Get('notifications')
  async allNotifications() {
    const { items } = await this.notifications.list({ limit: MAX_NOTIFICATIONS });
    return items.map((each) => this.views.notification(each));
  }

  /** Before the one with a user's id, which would match it, too. */
  @Get('notifications/unread')
  async allUnread() {
    const { items } = await this.notifications.unread({ limit: MAX_NOTIFICATIONS });
    return items.map((each) => this.views.notification(each));
  }

  @Get('notifications/unread/:userId')
  async unread(@Param('userId') userId: string) {
    const { items } = await this.notifications.unread({ userId, limit: MAX_NOTIFICATIONS });
    return items.map((each) => this.views.notification(each));
  }

  @Get('notifications/:userId')
  async notificationsOf(@Param('userId') userId: string) {
    const { items } = await this.notifications.list({ userId, limit: MAX_NOTIFICATIONS });
    return items.map((each) => this.views.notification(each));
  }

  /** 200, unlike that of events. */
  @Post('payments')
  @HttpCode(200)
  async createPayment(@Body() body: unknown) {
    const { amount, confirmation, userId, description, locale } = fieldsOf(body);
    const { value, currency } = fieldsOf(amount);
    const { returnUrl } = fieldsOf(confirmation);
    // Whatever it is, it is checked there.
    const { id, status, confirmationUrl } = await this.payments.create({
      userId: userId as string,
      amount: {
        value: typeof value === 'number' ? decimal(value) : (textOf(value) ?? ''),
        currency: currency as string,
      },
      returnUrl: returnUrl as string,
      ...(typeof description === 'string' ? { description } : {}),
      locale: (locale ?? 'RU') as PaymentLocale,
    });
    return { id, clientId: this.clientId, status, confirmationUrl };
  }

  @Get('payments/:paymentId')
  async payment(@Param('paymentId') paymentId: string) {
    return this.views.payment(await this.payments.get(paymentId));
  }

  @Post(['payments/:paymentId/resend-code', 'payments/:paymentId/noauth/resend-code'])
  @HttpCode(200)
  async resendCode(@Param('paymentId') paymentId: string) {
    return this.views.payment(await this.payments.resendCode(paymentId));
  }

  /** The code is `code`, in the query or the body: the vendor's page says only `requestForm` ([inferred]). */
  @Post('payments/:paymentId/noauth/confirm')
  @HttpCode(200)
  async confirm(@Param('paymentId') paymentId: string, @Query('code') code: unknown, @Body() body: unknown) {
    await this.payments.confirm(paymentId, textOf(code ?? fieldsOf(body).code) ?? '');
    return this.views.payment(await this.payments.get(paymentId));
  }

  @Post('payments/:paymentId/noauth/cancel-payment')
  @HttpCode(200)
  async cancel(@Param('paymentId') paymentId: string) {
    await this.payments.cancel(paymentId);
    return this.views.payment(await this.payments.get(paymentId));
  }

  @Get('resources/all/keys')
  resourceKeys() {
    return { keys: this.catalog.get().resources.map(({ id }) => id) };
  }

  @Post('resources/transfer')
  @HttpCode(200)
  async transfer(@Body() body: unknown) {
    const { resourceKey, amount, receiverUserId, senderUserId, comment } = fieldsOf(body);
    const key = textOf(resourceKey) ?? '';
    const reason = typeof comment === 'string' && comment !== '' ? comment : 'Transfer';
    // Whatever they are, they are checked there.
    const common = { amount: amount as number, resource: key, reason };
    const to = receiverUserId as string;
    // Only where nobody is named does it come from nowhere: a sender that is no text is refused.
    const hasSender = senderUserId !== undefined && senderUserId !== null;
    const { debit, credit } = hasSender
      ? await this.wallets.transfer({ ...common, from: senderUserId as string, to })
      : { debit: undefined, credit: await this.wallets.createEntry({ ...common, userId: to }) };
    return {
      transferInTransactionId: credit.entryId,
      transferOutTransactionId: (debit ?? credit).entryId,
      clientId: this.clientId,
      key,
      amount,
      fromUserId: hasSender ? senderUserId : '',
      toUserId: to,
      dateTime: credit.createdOn,
      ...(typeof comment === 'string' ? { comment } : {}),
    };
  }

  @Get('version')
  version() {
    return { version: '1.0', deploymentDate: this.startedAt };
  }

  /** Looked up when it is needed: a server without payments serves all else. */
  private get payments(): Payments {
    return this.modules.get(Payments, { strict: false });
  }

  private async *allUsers(): AsyncGenerator<string> {
    let separator = '[';
    for await (const player of eachOf((page) => this.players.list(page), 500)) {
      yield `${separator}${JSON.stringify(this.views.user(player))}`;
      separator = ',';
    }
    yield separator === '[' ? '[]' : ']';
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function wholeNumber(name: string, value: unknown): number {
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  throw new BadRequestException({ message: `${name} is to be a whole number` });
}

function missing(what: string): NotFoundException {
  return new NotFoundException({ message: `there is no such ${what}` });
}

/** A number as a decimal text without an exponent. */
function decimal(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 15 });
}
