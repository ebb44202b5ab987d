import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Leaderboards, Notifications, type PlayerRating, Players } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { AchievementsDto } from './achievements.dto.js';
import { NotificationDto } from './notification.dto.js';
import { PlaceDto } from './place.dto.js';

/** What came of the customers' events: `mechanics.yaml` says what they are worth, or GMFY where that is turned on. */
@ApiTags('achievements')
@Controller('achievements')
@ForCustomers()
export class AchievementsController {
  constructor(
    private readonly players: Players,
    private readonly leaderboards: Leaderboards,
    private readonly notifications: Notifications,
  ) {}

  @Get()
  @ApiOkResponse({ type: AchievementsDto })
  async mine(@CustomerId() customerId: string): Promise<AchievementsDto> {
    const player = await this.players.get(customerId);
    return {
      ratings: player.ratings.map(toPlace),
      badges: player.badges.map(({ name, description, count }) => ({ name, description, count })),
      challenges: player.challenges.map(({ name, progress, passedSteps }) => ({
        name,
        progress,
        steps: passedSteps.map(({ challengeStepId }) => challengeStepId),
      })),
      streaks: player.streaks.map(({ name, length, longest }) => ({ name, length, longest })),
      features: player.features.map(({ name }) => name),
    };
  }

  /** The first ten of a rating. */
  @Get('leaderboards/:ratingId')
  @ApiOkResponse({ type: [PlaceDto] })
  async leaderboard(@Param('ratingId') ratingId: string): Promise<readonly PlaceDto[]> {
    return (await this.leaderboards.top(ratingId)).map(toPlace);
  }

  /** What the customer has not read yet, up to a hundred. */
  @Get('notifications')
  @ApiOkResponse({ type: [NotificationDto] })
  async news(@CustomerId() userId: string): Promise<readonly NotificationDto[]> {
    const { items } = await this.notifications.unread({ userId });
    return items.map(({ message }) => ({ message }));
  }
}

function toPlace({ ratingId, name, userId, position, value, level }: PlayerRating): PlaceDto {
  return { ratingId, name, customer: userId, position, value, level };
}
