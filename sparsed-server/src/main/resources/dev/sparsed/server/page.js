// Asks this server and shows how the answer comes to be. No library, no build step.
'use strict';

const OPEN = '\u2591';
const element = id => document.getElementById(id);
let running = null;

function headers() {
  const key = element('key').value;
  return key ? {'Authorization': 'Bearer ' + key} : {};
}

function showKeyIfWanted(status) {
  if (status === 401) {
    element('key-label').hidden = false;
  }
}

async function showModel() {
  const response = await fetch('v1/models', {headers: headers()});
  showKeyIfWanted(response.status);
  if (response.ok) {
    element('model').textContent = (await response.json()).data[0].id;
  }
}

function body() {
  const body = {
    messages: [{role: 'user', content: element('question').value}],
    method: element('method').value,
    max_tokens: Number(element('tokens').value),
    seed: Number(element('seed').value),
    sparsity: element('always').checked ? 'always' : 'auto',
    stream: true,
    stream_options: {include_usage: true, include_steps: true, include_pattern: true},
  };
  if (element('steps').value) {
    body.steps = Number(element('steps').value);
  }
  return body;
}

/** Settled text as it is, the rest pale, what is open paler. */
function showAnswer(settled, text) {
  const answer = element('answer');
  answer.replaceChildren(document.createTextNode(settled));
  const rest = text.slice(settled.length);
  for (const part of rest.split(new RegExp('(' + OPEN + '+)'))) {
    if (part) {
      const span = document.createElement('span');
      span.className = part[0] === OPEN ? 'open' : 'provisional';
      span.textContent = part;
      answer.append(span);
    }
  }
}

function showStep(step, started) {
  showAnswer(step.settled, step.text);
  element('progress').max = step.total_steps;
  element('progress').value = step.step + 1;
  element('step').textContent = (step.step + 1) + ' of ' + step.total_steps;
  element('phase').textContent = step.phase + (step.cache === 'bypassed' ? '' : ', cache: ' + step.cache);
  element('time').textContent = ((performance.now() - started) / 1000).toFixed(1) + ' s';
}

function showCost(cost) {
  element('time').textContent = (cost.milliseconds / 1000).toFixed(2) + ' s';
  element('passes').textContent = cost.forward_passes + ' in ' + cost.steps + ' steps';
  element('density').textContent =
      (cost.density === null ? 'all' : (100 * cost.density).toFixed(1) + ' % in sparse steps')
      + ' (' + cost.reason + ')';
}

function show(event, state) {
  if (event.error) {
    throw new Error(event.error.message);
  }
  if (event.usage) {
    element('usage').textContent =
        event.usage.prompt_tokens + ' read, ' + event.usage.completion_tokens + ' written';
  }
  const choice = event.choices[0];
  if (choice) {
    state.text += choice.delta.content ?? '';
    if (choice.finish_reason) {
      showAnswer(state.text, state.text);
      element('progress').value = element('progress').max;
      showCost(event.sparsed);
    }
  } else if (event.sparsed?.pattern_png) {
    element('pattern').src = 'data:image/png;base64,' + event.sparsed.pattern_png;
    element('caption').textContent = event.sparsed.pattern_caption;
    element('figure').hidden = false;
  } else if (event.sparsed) {
    showStep(event.sparsed, state.started);
  }
}

async function read(stream, state) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const data = event.slice('data: '.length);
      if (data !== '[DONE]') {
        show(JSON.parse(data), state);
      }
    }
  }
}

async function ask() {
  running = new AbortController();
  element('ask').disabled = true;
  element('stop').disabled = false;
  element('figure').hidden = true;
  element('error').textContent = '';
  for (const id of ['step', 'phase', 'time', 'passes', 'usage', 'density']) {
    element(id).textContent = '';
  }
  element('progress').value = 0;
  showAnswer('', '');
  document.body.dataset.state = 'running';
  try {
    const response = await fetch('v1/chat/completions', {
      method: 'POST',
      headers: {'Content-Type': 'application/json', ...headers()},
      body: JSON.stringify(body()),
      signal: running.signal,
    });
    if (!response.ok) {
      showKeyIfWanted(response.status);
      throw new Error((await response.json()).error.message);
    }
    await read(response.body, {text: '', started: performance.now()});
    document.body.dataset.state = 'done';
  } catch (error) {
    document.body.dataset.state = 'failed';
    element('error').textContent = error.name === 'AbortError' ? 'Stopped.' : error.message;
  } finally {
    element('ask').disabled = false;
    element('stop').disabled = true;
  }
}

element('form').addEventListener('submit', event => {
  event.preventDefault();
  ask();
});
element('stop').addEventListener('click', () => running.abort());
element('key').addEventListener('change', showModel);
showModel();
