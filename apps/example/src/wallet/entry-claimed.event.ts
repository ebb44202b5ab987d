import { IsInt, IsString } from 'class-validator';
import { UniqueEvent } from 'nestjs-gamification';

/**
 * The shop is about to write an entry to a wallet elsewhere. The entry's key is the event's idempotence key, so that
 * there is one of it; its properties are for whoever has to find out what became of the entry.
 */
export class EntryClaimed extends UniqueEvent('entry.claimed') {
  @IsString()
  readonly customerId!: string;

  @IsInt()
  readonly amount!: number;

  @IsString()
  readonly reason!: string;
}
