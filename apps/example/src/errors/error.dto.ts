import { ApiProperty } from '@nestjs/swagger';

/** The body of every answer that refuses something. */
export class ErrorDto {
  @ApiProperty({ description: 'For programs: it does not change.', example: 'NOT_ENOUGH_FUNDS' })
  code!: string;

  @ApiProperty({ description: 'For people.', example: 'user "ann" has 34 points, needed: 300' })
  message!: string;
}
