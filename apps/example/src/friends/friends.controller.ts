import { Controller, Delete, Get, HttpCode, HttpStatus, Param, Put } from '@nestjs/common';
import { ApiBadRequestResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Friends } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { FriendDto } from './friend.dto.js';
import { FriendshipDto } from './friendship.dto.js';

/** Whom customers know. Gifts are asked of friends, and leaderboards can be of friends only. */
@ApiTags('friends')
@Controller('friends')
@ForCustomers()
@ApiBadRequestResponse({ type: ErrorDto })
export class FriendsController {
  constructor(private readonly friends: Friends) {}

  @Get()
  @ApiOkResponse({ type: [FriendDto] })
  async mine(@CustomerId() userId: string): Promise<readonly FriendDto[]> {
    const { items } = await this.friends.list({ userId });
    return items.map(({ userId: id, since }) => ({ id, since }));
  }

  /** Asks somebody to be a friend; two who ask each other are friends. */
  @Put(':id')
  @ApiOkResponse({ type: FriendshipDto })
  async ask(@CustomerId() customerId: string, @Param('id') id: string): Promise<FriendshipDto> {
    return { state: await this.friends.request(customerId, id) };
  }

  /** Ends a friendship, or takes back what was asked. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  async end(@CustomerId() customerId: string, @Param('id') id: string): Promise<void> {
    await this.friends.remove(customerId, id);
  }
}
