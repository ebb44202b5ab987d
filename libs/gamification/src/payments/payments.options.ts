import { IsInt, IsOptional, Matches, Max, Min, ValidateBy } from 'class-validator';
import { AsItCame } from '../as-it-came.js';
import type { CodeSender } from './code-sender.js';
import type { PaymentProcessor } from './payment-processor.js';

/** How users confirm payments, where the engine keeps them. */
export class PaymentsOptions {
  /** Brings users their codes. */
  @AsItCame()
  @HasMethod('send')
  codeSender!: CodeSender;

  /**
   * Where a user enters the code: an http or https URL with `{paymentId}` in it. `GamificationController` has such a page,
   * at `payments/{paymentId}` below its path.
   */
  @Matches(/^https?:\/\/.+\{paymentId\}/, {
    message: 'an http or https URL with {paymentId} in it',
  })
  confirmationUrl!: string;

  /** Takes payments in what is no resource of the mechanics. Without it there are none. */
  @AsItCame()
  @IsOptional()
  @HasMethod('pay')
  processor?: PaymentProcessor | undefined;

  /** For how long a code can be entered, in seconds: 10 to 86,400. */
  @IsInt()
  @Min(10)
  @Max(86_400)
  codeLifetime: number = 600;

  /** How often a code can be entered: 1 to 20 times. */
  @IsInt()
  @Min(1)
  @Max(20)
  maxAttempts: number = 5;

  /** How many codes a payment can have: 1 to 20. */
  @IsInt()
  @Min(1)
  @Max(20)
  maxCodes: number = 5;

  /** How long to wait for the sender of codes and for the processor, in milliseconds: 100 to 300,000. */
  @IsInt()
  @Min(100)
  @Max(300_000)
  timeout: number = 30_000;
}

function HasMethod(method: string): PropertyDecorator {
  return ValidateBy({
    name: 'hasMethod',
    validator: {
      validate: (value) =>
        typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function',
      defaultMessage: () => `an object with a method ${method}`,
    },
  });
}
