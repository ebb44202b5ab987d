import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

/** What a customer gives to those behind the counter. */
export class NewTipDto {
  @ApiProperty({ minimum: 1, maximum: 1_000, example: 10 })
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly points!: number;

  @ApiPropertyOptional({
    enum: ['EN', 'RU'],
    description: 'The language of the page that asks for the code.',
  })
  @IsOptional()
  @IsIn(['EN', 'RU'])
  readonly locale?: 'EN' | 'RU';
}
