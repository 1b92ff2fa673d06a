"""LiteLLM's SDK, by its providers for each of the four APIs."""

import json

import litellm

from checks import api_key, base_url, check, model, origin, refused

litellm.suppress_debug_info = True
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "get_weather", "description": "Weather.", "parameters": parameters}}]
question = {"role": "user", "content": "What is the weather in Bern?"}

for route, provider, base in (
    ("chat/completions", "openai", base_url),
    ("responses", "openai/responses", base_url),
    ("messages", "anthropic", origin),
    ("models/{model}:generateContent", "gemini", f"{origin}/v1beta"),
):
    options = {"model": f"{provider}/{model}", "api_base": base, "api_key": api_key, "max_retries": 0}

    @check(route, "answer")
    def _():
        answer = litellm.completion(messages=[{"role": "user", "content": "Hello!"}], **options)
        assert answer.choices[0].message.content.startswith("Hello from"), answer
        assert answer.usage.total_tokens > 0, answer

    @check(route, "stream")
    def _():
        chunks = list(
            litellm.completion(
                messages=[{"role": "user", "content": "Hello!"}],
                stream=True,
                stream_options={"include_usage": True},
                **options,
            )
        )
        answer = litellm.stream_chunk_builder(chunks)
        assert answer.choices[0].message.content.startswith("Hello from"), answer
        assert answer.usage.total_tokens > 0, answer

    @check(route, "tools")
    def _():
        message = litellm.completion(messages=[question], tools=tools, **options).choices[0].message
        call = message.tool_calls[0]
        assert json.loads(call.function.arguments) == {"city": "Bern"}, message
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        answer = litellm.completion(messages=[question, message, result], tools=tools, **options)
        assert "sunny" in answer.choices[0].message.content, answer

    @check(route, "streamed tools")
    def _():
        chunks = list(litellm.completion(messages=[question], tools=tools, stream=True, **options))
        message = litellm.stream_chunk_builder(chunks).choices[0].message
        assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Bern"}, message

    @check(route, "errors")
    def _():
        messages = [{"role": "user", "content": "Hello!"}]
        refused(lambda: litellm.completion(messages=messages, **{**options, "model": f"{provider}/no-such-model"}))


@check("embeddings", "vectors")
def _():
    answer = litellm.embedding(model=f"openai/{model}", input=["a", "b"], api_base=base_url, api_key=api_key)
    assert len(answer.data) == 2, answer
