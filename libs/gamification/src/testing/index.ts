export { FakeClock } from './fake-clock.js';
export { GamificationTester, NotATestError } from './gamification-tester.js';
export {
  GamificationTestingModule,
  type GamificationTestingOptions,
  type OverridableModule,
} from './gamification-testing.module.js';
