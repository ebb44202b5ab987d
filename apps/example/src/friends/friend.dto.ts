import { ApiProperty } from '@nestjs/swagger';

/** A friend of a customer. */
export class FriendDto {
  @ApiProperty({ example: 'bob' })
  readonly id!: string;

  @ApiProperty({ description: 'Since when.' })
  readonly since!: Date;
}
