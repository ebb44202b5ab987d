import { Body, Controller, HttpCode, Inject, Post, UseFilters, UseGuards } from '@nestjs/common';
import { EventTracker } from 'nestjs-gamification';
import { InteraktExceptionFilter } from './interakt-exception.filter.js';
import { InteraktKeyGuard } from './interakt-key.guard.js';
import { interaktMessage, refused } from './interakt-message.js';
import { PhoneUsers } from './phone-users.js';

/** Interakt's protocol: users become traits (`identify`), events become events. */
@Controller('v1/public/track')
@UseGuards(InteraktKeyGuard)
@UseFilters(InteraktExceptionFilter)
export class InteraktController {
  constructor(
    @Inject(EventTracker) private readonly tracker: EventTracker,
    @Inject(PhoneUsers) private readonly phones: PhoneUsers,
  ) {}

  @Post('users')
  @HttpCode(200)
  async user(@Body() body: unknown) {
    const { userId, phone, traits, createdAt } = interaktMessage(body);
    const user = await this.phones.userOf(userId, phone);
    const all = phone === undefined ? traits : { ...traits, fullPhoneNumber: `+${phone}` };
    await this.tracker.identify(user, all, { occurredAt: createdAt });
    await this.phones.note(userId, phone);
    return { result: true, message: 'Your User request has been received' };
  }

  @Post('events')
  @HttpCode(200)
  async event(@Body() body: unknown) {
    const { userId, phone, traits, createdAt, event } = interaktMessage(body);
    if (event === undefined) throw refused('event is required');
    const user = await this.phones.userOf(userId, phone);
    const { eventId } = await this.tracker.track(
      event,
      { userId: user, traits, occurredAt: createdAt },
      { ranks: false },
    );
    await this.phones.note(userId, phone);
    return { result: true, message: 'Your Event has been received', id: eventId };
  }
}
