import { ApiProperty } from '@nestjs/swagger';
import type { Page } from './site.js';

/** A page of the site. */
export class PageDto implements Page {
  @ApiProperty({ example: 'beans' })
  readonly id!: string;

  @ApiProperty({ example: 'Our beans' })
  readonly title!: string;

  @ApiProperty({ example: 'They come from two farms, and we roast them on Mondays.' })
  readonly text!: string;
}
