import { Controller, Get, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { EventLog } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { ActivityDto } from './activity.dto.js';
import { ActivityQueryDto } from './activity-query.dto.js';

/** Shows the library's log, so that one can see what the decorators of the other controllers recorded. */
@ApiTags('activity')
@Controller('activity')
@ForCustomers()
export class ActivityController {
  constructor(private readonly log: EventLog) {}

  @Get()
  @ApiOkResponse({ type: ActivityDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  async list(@CustomerId() userId: string, @Query() query: ActivityQueryDto): Promise<ActivityDto> {
    const { items, next } = await this.log.list({ userId, ...query });
    const events = items.map(({ type, action, traits, occurredAt }) => ({
      type,
      action,
      traits,
      occurredAt,
    }));
    return { events, next };
  }
}
