// #region connect
import { createClient } from '@coffer/sdk';

const client = createClient({
  baseUrl: process.env['COFFER_URL'],
  apiKey: process.env['COFFER_API_KEY'],
});
// #endregion

export default client;
