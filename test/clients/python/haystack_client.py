"""Haystack: its generators and embedder for OpenAI's API, and its agent."""

from typing import Annotated

from haystack.components.agents import Agent
from haystack.components.embedders import OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool
from haystack.utils import Secret

from checks import api_key, base_url, check, model, refused

options = {"api_base_url": base_url, "api_key": Secret.from_token(api_key), "max_retries": 0}


@tool
def get_weather(city: Annotated[str, "The city."]) -> str:
    """The weather of a city."""
    return "sunny"


def said(text):
    return [ChatMessage.from_user(text)]


for route, generator in (
    ("chat/completions", OpenAIChatGenerator),
    ("responses", OpenAIResponsesChatGenerator),
):

    @check(route, "answer")
    def _():
        [reply] = generator(model=model, **options).run(said("Hello!"))["replies"]
        assert reply.text.startswith("Hello from"), reply

    @check(route, "stream")
    def _():
        pieces = []
        generator(model=model, streaming_callback=lambda chunk: pieces.append(chunk.content), **options).run(
            said("Hello!")
        )
        assert "".join(pieces).startswith("Hello from"), pieces

    @check(route, "tool loop")
    def _():
        agent = Agent(chat_generator=generator(model=model, **options), tools=[get_weather])
        text = agent.run(messages=said("What is the weather in Bern?"))["last_message"].text
        assert "sunny" in text, text

    @check(route, "streamed tool loop")
    def _():
        agent = Agent(
            chat_generator=generator(model=model, **options), tools=[get_weather], streaming_callback=lambda _: None
        )
        text = agent.run(messages=said("What is the weather in Bern?"))["last_message"].text
        assert "sunny" in text, text

    @check(route, "errors")
    def _():
        refused(lambda: generator(model="no-such-model", **options).run(said("Hello!")))


@check("embeddings", "vectors")
def _():
    assert len(OpenAITextEmbedder(model=model, **options).run("a")["embedding"]) == 8
