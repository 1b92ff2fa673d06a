"""The official Python client: chat, stream, the stream helper, tools, models, errors, responses, embeddings."""

import json
import sys
import traceback

import openai

base_url, api_key, model = sys.argv[1:4]
client = openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
results = []
question = {"role": "user", "content": "What is the weather in Bern?"}
parameters = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
function = {"name": "get_weather", "description": "The weather of a city.", "parameters": parameters, "strict": True}


def check(route, feature):
    def run(work):
        try:
            work()
            results.append({"route": route, "feature": feature})
        except Exception:
            results.append({"route": route, "feature": feature, "error": traceback.format_exc()[-1500:]})

    return run


@check("chat/completions", "answer")
def _():
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello!"}])
    assert answer.choices[0].message.content.startswith("Hello from"), answer
    assert answer.usage.total_tokens > 0, answer


@check("chat/completions", "stream")
def _():
    chunks = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Hello!"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    text, total = "", 0
    for chunk in chunks:
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        total = chunk.usage.total_tokens if chunk.usage else total
    assert text.startswith("Hello from") and total > 0, (text, total)


@check("chat/completions", "stream helper")
def _():
    with client.chat.completions.stream(model=model, messages=[{"role": "user", "content": "Hello!"}]) as stream:
        kinds = {event.type for event in stream}
        answer = stream.get_final_completion()
    assert {"content.delta", "content.done"} <= kinds, kinds
    assert answer.choices[0].message.content.startswith("Hello from"), answer


@check("chat/completions", "tools")
def _():
    tools = [{"type": "function", "function": function}]
    first = client.chat.completions.create(model=model, messages=[question], tools=tools)
    call = first.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "Bern"}, first
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    second = client.chat.completions.create(
        model=model, messages=[question, first.choices[0].message, result], tools=tools
    )
    assert "sunny" in second.choices[0].message.content, second


@check("chat/completions", "streamed tools")
def _():
    tools = [{"type": "function", "function": function}]
    with client.chat.completions.stream(model=model, messages=[question], tools=tools) as stream:
        message = stream.get_final_completion().choices[0].message
    assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Bern"}, message


@check("chat/completions", "errors")
def _():
    for work, kind in (
        (lambda: client.chat.completions.create(model="none", messages=[question]), openai.NotFoundError),
        (lambda: client.chat.completions.create(model=model, messages=[]), openai.BadRequestError),
        (
            lambda: client.with_options(api_key="napi-wrong").chat.completions.create(model=model, messages=[question]),
            openai.AuthenticationError,
        ),
    ):
        try:
            work()
            raise AssertionError(f"no {kind}")
        except kind as error:
            assert error.code and error.message, error


@check("responses", "answer")
def _():
    answer = client.responses.create(model=model, input="Hello!")
    assert answer.output_text.startswith("Hello from") and answer.usage.total_tokens > 0, answer


@check("responses", "stream helper")
def _():
    with client.responses.stream(model=model, input="Hello!") as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()
    assert "response.output_text.delta" in kinds and kinds[-1] == "response.completed", kinds
    assert answer.output_text.startswith("Hello from"), answer


@check("responses", "tools")
def _():
    tools = [{"type": "function", **function}]
    first = client.responses.create(model=model, input=[question], tools=tools)
    call = next(item for item in first.output if item.type == "function_call")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = client.responses.create(model=model, input=[question, *first.output, output], tools=tools)
    assert "sunny" in second.output_text, second


@check("embeddings", "vectors")
def _():
    data = client.embeddings.create(model=model, input=["a", "b"]).data
    assert len(data) == 2 and len(data[0].embedding) == 8, data


@check("completions", "answer")
def _():
    answer = client.completions.create(model=model, prompt="Hello!")
    assert answer.choices[0].text.startswith("Hello from"), answer


@check("models", "list and find")
def _():
    assert model in [entry.id for entry in client.models.list()]
    assert client.models.retrieve(model).id == model


print()
print(json.dumps(results))
