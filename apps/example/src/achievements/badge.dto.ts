import { ApiProperty } from '@nestjs/swagger';

/** A badge that a customer has earned. */
export class BadgeDto {
  @ApiProperty({ example: 'Regular' })
  readonly name!: string;

  @ApiProperty({ example: 'Ten orders' })
  readonly description!: string;

  @ApiProperty({ description: 'How often it was earned.', example: 1 })
  readonly count!: number;
}
