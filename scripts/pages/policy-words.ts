import type { PolicySwitch } from '@coffer/contract';

/** What each switch decides. Values and defaults come from the contract. */
export const policyWords: Readonly<Record<PolicySwitch, string>> = {
  reveal: 'whether anybody may read a sealed value back',
  check: 'whether a credential may be tried at its issuer',
  preview:
    'whether the last four characters of a value are kept for recognising it, when it is written; only of a value of 20 or more characters whose type is not `password`',
  organization_access:
    'whether members only read the metadata of the vault and of project secrets, or may also write there',
  organization_writes: 'whether admins may write the vault, or owners alone',
  organization_secrets: 'whether an agent needs a grant before it may reference a secret of the vault',
  agent_creation: 'whether members may create agents',
  pin_on_deploy: 'whether a deployment stays with the versions it was made with',
  unmasked_runs: 'in which environments `coffer run --no-mask` and `--exec` are allowed',
  offline_start: 'for how many hours a machine may start an agent without reaching the server',
  keep_versions: 'how many versions of a value keep their bytes; older ones are destroyed',
  people_may_run:
    'which roles may start agents themselves, by environment (never `auditor`); API keys need `run` instead. Setting it replaces all of it: an environment that is not named is one where people start nothing',
  delete:
    'whether deleting what is in use asks, is refused, or is done; of an agent, whether `coffer agent delete` asks',
  retention_days:
    'for how many days a deleted secret or agent can be restored; 0 destroys it at the next purge',
  name_style: 'how names of new secrets should look',
  name_style_level: 'whether another style warns or is refused',
  builtins: 'who wins where a secret has the name of a built-in variable',
  pull_conflict: 'what happens where several pull secrets fit one registry',
  reused_value:
    'whether writing the current or an earlier value of a secret warns or is refused (a rollback or copy says what it does, and is not); the warning is left out once 20 values of the secret were written within an hour',
  rotation_max_age_days: 'after how many days every value counts as due for rotation',
  default_environment: 'which environment a start runs in when none is named',
};
