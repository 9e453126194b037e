import OpenAI from 'openai';

/**
 * An ordinary agent: it reads its key the usual way, talks to a model service through the official
 * client, and is careless enough to print its configuration. It holds no Coffer code at all.
 */
const client = new OpenAI({
  apiKey: process.env['OPENAI_API_KEY'] ?? '',
  baseURL: process.env['MODEL_URL'] ?? '',
});
console.log(
  `configuration: key=${process.env['OPENAI_API_KEY'] ?? '(none)'} region=${process.env['REGION'] ?? '(none)'}`,
);

const ask = async (): Promise<void> => {
  const answer = await client.chat.completions.create({
    model: 'demo',
    messages: [{ role: 'user', content: 'Say hello.' }],
  });
  console.log(`the model service says: ${answer.choices[0]?.message.content ?? ''}`);
};

try {
  await ask();
} catch (error) {
  console.log(
    `the model service refused: ${error instanceof OpenAI.APIError ? String(error.status) : 'unreachable'}`,
  );
  process.exitCode = 1;
}
if (process.argv.includes('--stay')) setInterval(() => undefined, 1000);
