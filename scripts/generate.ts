// Writes the pages of docs/ that come from the contract and from the table of rights. They are checked in;
// `npm run check` fails when one is not what this writes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeApiPage } from './pages/api-page.ts';
import { writeErrorPage } from './pages/error-page.ts';
import { writePolicyPage } from './pages/policy-page.ts';
import { writeRightsPage } from './pages/rights-page.ts';

const docs = join(import.meta.dirname, '..', 'docs');

const pages = {
  'errors.md': writeErrorPage,
  'api.md': writeApiPage,
  'rights.md': writeRightsPage,
  'policy.md': writePolicyPage,
};

for (const [name, write] of Object.entries(pages)) writeFileSync(join(docs, name), write());
