import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { GiftDto } from './gift.dto.js';

/** A page of what friends ask for. */
export class GiftsDto {
  @ApiProperty({ description: 'Those that end first at the head.', type: [GiftDto] })
  readonly gifts!: readonly GiftDto[];

  @ApiPropertyOptional({
    description: 'To be sent as `after` for those behind these; absent on the last page.',
  })
  readonly next?: string | undefined;
}
