/** An agent as it may be given: its slug or its id. The rules are contract's (a test holds them together). */
export const isAgentReference = (text: string): boolean =>
  (text.length <= 63 && /^[a-z0-9](-?[a-z0-9])*$/.test(text)) || /^agt_[0-9A-HJKMNP-TV-Z]{26}$/.test(text);

/** Written like the id of a secret; a secret may also have such a name. */
export const isSecretId = (text: string): boolean => /^sec_[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
