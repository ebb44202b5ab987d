import { ApiProperty } from '@nestjs/swagger';

/** How far a customer is with a challenge. */
export class ChallengeDto {
  @ApiProperty({ example: 'Welcome' })
  readonly name!: string;

  @ApiProperty({ description: 'The weight of the steps that are done.', example: 3 })
  readonly progress!: number;

  @ApiProperty({ type: [String], example: ['sign-up', 'order'] })
  readonly steps!: readonly string[];
}
