import { ApiProperty } from '@nestjs/swagger';

/** What came of asking somebody to be a friend. */
export class FriendshipDto {
  @ApiProperty({
    enum: ['requested', 'friends'],
    description: '`friends` where the other one has asked before.',
  })
  readonly state!: 'requested' | 'friends';
}
