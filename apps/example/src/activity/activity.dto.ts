import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ActivityEventDto } from './activity-event.dto.js';

/** A page of what a customer did. */
export class ActivityDto {
  @ApiProperty({ description: 'First things first.', type: [ActivityEventDto] })
  readonly events!: readonly ActivityEventDto[];

  @ApiPropertyOptional({
    description: 'To be sent as `after` for the events behind these; absent on the last page.',
  })
  readonly next?: string;
}
