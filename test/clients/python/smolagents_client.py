"""smolagents: its model for servers that speak OpenAI's API."""

from smolagents import OpenAIServerModel, tool

from checks import api_key, base_url, check, model, refused

server = OpenAIServerModel(model_id=model, api_base=base_url, api_key=api_key, client_kwargs={"max_retries": 0})


@tool
def get_weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: The city.
    """
    return "sunny"


def said(text):
    return [{"role": "user", "content": [{"type": "text", "text": text}]}]


@check("chat/completions", "answer")
def _():
    answer = server(said("Hello!"))
    assert answer.content.startswith("Hello from") and answer.token_usage.output_tokens > 0, answer


@check("chat/completions", "stream")
def _():
    text = "".join(delta.content or "" for delta in server.generate_stream(said("Hello!")))
    assert text.startswith("Hello from"), text


@check("chat/completions", "tools")
def _():
    answer = server(said("What is the weather in Bern?"), tools_to_call_from=[get_weather])
    assert answer.tool_calls[0].function.name == "get_weather", answer


@check("chat/completions", "errors")
def _():
    refused(lambda: OpenAIServerModel("no-such-model", api_base=base_url, api_key=api_key)(said("Hello!")))
