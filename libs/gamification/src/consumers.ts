import type { ModulesContainer } from '@nestjs/core';
import type { Consumer } from './unserved.js';

/**
 * Everything of an application that was given something by injection.
 *
 * @param except a module whose own providers are not asked for
 */
export function* consumersIn(modules: ModulesContainer, except: object): Generator<Consumer> {
  for (const module of modules.values()) {
    if (module.metatype === except) continue;
    for (const wrapper of [
      ...module.controllers.values(),
      ...module.providers.values(),
      ...module.injectables.values(),
      ...module.middlewares.values(),
    ]) {
      const properties = wrapper.getPropertiesMetadata() ?? [];
      const given = [...(wrapper.getCtorMetadata() ?? []), ...properties.map((property) => property.wrapper)];
      yield { name: wrapper.name, dependencies: given.map((dependency) => dependency?.instance) };
    }
  }
}
