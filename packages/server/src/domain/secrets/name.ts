import {
  CofferError,
  isReservedVariableName,
  isSecretName,
  isVariableName,
  nearestName,
  type Policy,
  type Scope,
} from '@coffer/contract';

const styles = {
  any: /^/,
  upper_snake: /^[A-Z_][A-Z0-9_]*$/,
  lower_snake: /^[a-z_][a-z0-9_]*$/,
  kebab: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
} as const;

export const hasStyle = (name: string, style: Policy['name_style']): boolean => styles[style].test(name);

const offer = (name: string, allowHyphen: boolean): string => {
  const near = nearestName(name, allowHyphen);
  return near === undefined ? '' : ` The nearest valid name: ${near}`;
};

/**
 * Names follow the name table and are never rewritten. Throws `name_invalid`,
 * `env_name_invalid` or `name_reserved`; the text itself is only repeated where it cannot be a value.
 */
export const checkName = (name: string, scope: Scope, policy: Policy): void => {
  if (!isSecretName(name)) {
    throw new CofferError('name_invalid', {
      detail: 'A secret’s name is 1 to 128 letters, digits, _ and -, and starts with a letter or _.',
      hint: `Choose another name.${offer(name, scope === 'organization')}`,
    });
  }
  if (scope === 'organization') {
    checkStyle(name, policy);
    return;
  }
  if (!isVariableName(name)) {
    throw new CofferError('env_name_invalid', {
      detail: `Secrets of ${scope} scope are delivered under their name, so it must be a valid environment variable name.`,
      hint: `Use letters, digits and _ only.${offer(name, false)}`,
    });
  }
  if (isReservedVariableName(name)) {
    throw new CofferError('name_reserved', {
      detail: `${name} would change how the process itself runs, so it cannot be a secret’s name here.`,
      hint: 'Choose another name, and let the program read that one.',
    });
  }
  checkStyle(name, policy);
};

const checkStyle = (name: string, policy: Policy): void => {
  if (policy.name_style_level !== 'error' || hasStyle(name, policy.name_style)) return;
  throw new CofferError('name_invalid', {
    detail: `The organization’s policy asks for names in ${policy.name_style}.`,
    hint: 'Choose a name in this style, or ask an owner about policy name_style.',
  });
};
