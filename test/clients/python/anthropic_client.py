"""Drives the official Python client of Anthropic against a gateway: origin, key, then models."""

import sys

import anthropic

origin, key, *models = sys.argv[1:]
client = anthropic.Anthropic(base_url=origin, api_key=key, max_retries=0)
hello = [{"role": "user", "content": "Hello!"}]
for model in models:
    message = client.messages.create(model=model, max_tokens=100, messages=hello)
    assert message.content[0].text.startswith("Hello"), message
    with client.messages.stream(model=model, max_tokens=100, messages=hello) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text.startswith("Hello") and final.stop_reason == "end_turn", final
    assert client.messages.count_tokens(model=model, messages=hello).input_tokens > 0
try:
    client.messages.create(model="none", max_tokens=1, messages=hello)
    raise AssertionError("an unknown model was answered")
except anthropic.NotFoundError as error:
    assert error.request_id, error
assert set(models) <= {model.id for model in client.models.list(limit=3)}
print("ok")
