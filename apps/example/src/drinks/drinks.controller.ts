import { Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiForbiddenResponse, ApiNotFoundResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { RequiresFeature, type TrackContext, TrackEvent } from 'nestjs-gamification';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { DrinkDto } from './drink.dto.js';
import { DrinkPipe } from './drink.pipe.js';
import { DrinkLiked } from './drink-liked.event.js';
import { LikeDto } from './like.dto.js';
import { type Drink, MENU, SECRET_MENU } from './menu.js';

/** The traits of a like, for both handlers that track it. */
const traits = ({ result }: TrackContext<LikeDto>) => ({ drink: result.drink });

@ApiTags('drinks')
@Controller('drinks')
export class DrinksController {
  @Get()
  @ApiOkResponse({ type: [DrinkDto] })
  menu(): readonly DrinkDto[] {
    return MENU;
  }

  /** For those to whom `mechanics.yaml` opens it. */
  @Get('secret')
  @RequiresFeature('secret-menu')
  @ForCustomers()
  @ApiOkResponse({ type: [DrinkDto] })
  @ApiForbiddenResponse({ type: ErrorDto })
  secretMenu(): readonly DrinkDto[] {
    return SECRET_MENU;
  }

  // Likes have no idempotence key: a customer may like, unlike and like again, and each of the three is an event.
  @Put(':drink/like')
  @ForCustomers()
  @ApiParam({ name: 'drink', type: String, example: 'latte' })
  @ApiOkResponse({ type: LikeDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @TrackEvent(DrinkLiked, { action: 'create', traits, sync: true })
  like(@Param('drink', DrinkPipe) drink: Drink): LikeDto {
    return { drink: drink.id, liked: true };
  }

  @Delete(':drink/like')
  @ForCustomers()
  @ApiParam({ name: 'drink', type: String, example: 'latte' })
  @ApiOkResponse({ type: LikeDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @TrackEvent(DrinkLiked, { action: 'remove', traits, sync: true })
  unlike(@Param('drink', DrinkPipe) drink: Drink): LikeDto {
    return { drink: drink.id, liked: false };
  }
}
