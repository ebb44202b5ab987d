import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { Accounts } from './accounts.js';
import { Cookies } from './cookies.js';
import { SessionSignIn } from './session-sign-in.js';
import { Sessions } from './sessions.js';
import { SignInController } from './sign-in.controller.js';
import { SignInLimits } from './sign-in-limits.js';

@Module({})
export class SignInModule implements OnModuleInit {
  constructor(
    private readonly signIn: SessionSignIn,
    private readonly sessions: Sessions,
  ) {}

  /**
   * @param signIn what the protocols were given
   * @param cookies what it reads
   * @param protocols they know what users have allowed applications
   */
  static with(signIn: SessionSignIn, cookies: Cookies, protocols: DynamicModule): DynamicModule {
    return {
      module: SignInModule,
      imports: [protocols],
      controllers: [SignInController, AccountController],
      providers: [
        Accounts,
        Sessions,
        SignInLimits,
        { provide: SessionSignIn, useValue: signIn },
        { provide: Cookies, useValue: cookies },
      ],
    };
  }

  onModuleInit(): void {
    this.signIn.connect(this.sessions);
  }
}
