import { ApiProperty } from '@nestjs/swagger';

/** A tip that waits to be confirmed. */
export class TipDto {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ description: 'Where the customer enters the code.' })
  readonly confirmationUrl!: string;
}
