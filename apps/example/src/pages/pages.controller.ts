import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type TrackContext, TrackEvent } from 'nestjs-gamification';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { PageDto } from './page.dto.js';
import { PageVisited } from './page-visited.event.js';
import { SITE } from './site.js';

@ApiTags('pages')
@Controller('pages')
@ForCustomers()
export class PagesController {
  // Without `sync` the reader never waits for the event, and gets the page even where the event cannot be recorded.
  @Get(':id')
  @ApiOkResponse({ type: PageDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @TrackEvent(PageVisited, { idempotenceKey: ({ result }: TrackContext<PageDto>) => result.id })
  read(@Param('id') id: string): PageDto {
    const page = SITE.find((each) => each.id === id);
    if (page) return page;
    const body: ErrorDto = { code: 'NO_SUCH_PAGE', message: `there is no page ${JSON.stringify(id)}` };
    throw new NotFoundException(body);
  }
}
