import { ApiProperty } from '@nestjs/swagger';

/** Whether a customer likes a drink now. */
export class LikeDto {
  @ApiProperty({ example: 'latte' })
  readonly drink!: string;

  @ApiProperty({ example: true })
  readonly liked!: boolean;
}
