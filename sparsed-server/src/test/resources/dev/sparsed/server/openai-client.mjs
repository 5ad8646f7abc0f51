// OpenAI's official client for Node against a running server: node openai-client.mjs URL KEY QUESTION
import assert from 'node:assert';
import OpenAI from 'openai';

const [baseURL, apiKey, question] = process.argv.slice(2);
const client = new OpenAI({baseURL, apiKey});
const ask = {
  model: 'village',
  max_completion_tokens: 32,
  messages: [{role: 'user', content: question}],
};

const answer = await client.chat.completions.create(ask);
assert.equal(answer.choices[0].message.content, 'Ulla plays the piano.');
assert.equal(answer.choices[0].finish_reason, 'stop');

let text = '';
let usage;
const stream = await client.chat.completions.create(
    {...ask, stream: true, stream_options: {include_usage: true, include_steps: true}});
let steps = 0;
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
  steps += chunk.sparsed?.step === undefined ? 0 : 1;
}
assert.equal(text, 'Ulla plays the piano.');
assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
assert.ok(steps > 0);

const helper = client.chat.completions.stream(ask);
assert.equal(await helper.finalContent(), 'Ulla plays the piano.');

const continued = await client.completions.create({model: 'village', prompt: 'Ulla plays', max_tokens: 4});
assert.ok(continued.usage.completion_tokens <= 4);

const models = await client.models.list();
assert.equal(models.data[0].id, 'village');

await assert.rejects(
    client.chat.completions.create({...ask, tools: [{type: 'function', function: {name: 'f'}}]}),
    error => error instanceof OpenAI.BadRequestError && error.param === 'tools');
await assert.rejects(
    new OpenAI({baseURL, apiKey: 'wrong'}).models.list(),
    OpenAI.AuthenticationError);

const aborted = await client.chat.completions.create({
  ...ask, max_completion_tokens: 1024, temperature: 50, stream: true, stream_options: {include_steps: true}});
for await (const chunk of aborted) {
  if (chunk.sparsed?.step === 1) {
    aborted.controller.abort();
  }
}
console.log('the Node client is content');
