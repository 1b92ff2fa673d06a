"""Semantic Kernel: its connectors for OpenAI's API."""

import json

from openai import AsyncOpenAI
from pydantic import BaseModel
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
    OpenAITextEmbedding,
)
from semantic_kernel.contents import ChatHistory
from semantic_kernel.functions import kernel_function

from checks import api_key, base_url, check, model


class City(BaseModel):
    city: str


class Weather:
    @kernel_function(name="get_weather", description="The weather of a city.")
    def get_weather(self, city: str) -> str:
        return "sunny"


def client():
    return AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0)


async def ask(text, name=model, stream=False, **settings):
    service = OpenAIChatCompletion(ai_model_id=name, async_client=client())
    kernel = Kernel()
    kernel.add_service(service)
    kernel.add_plugin(Weather(), "app")
    history = ChatHistory()
    history.add_user_message(text)
    settings = OpenAIChatPromptExecutionSettings(**settings)
    if not stream:
        return str(await service.get_chat_message_content(history, settings, kernel=kernel))
    parts = service.get_streaming_chat_message_content(history, settings, kernel=kernel)
    return "".join([str(part) async for part in parts])


@check("chat/completions", "answer")
async def _():
    assert (await ask("Hello!")).startswith("Hello from")


@check("chat/completions", "stream")
async def _():
    assert (await ask("Hello!", stream=True)).startswith("Hello from")


@check("chat/completions", "tool loop")
async def _():
    text = await ask("What is the weather in Bern?", function_choice_behavior=FunctionChoiceBehavior.Auto())
    assert "sunny" in text, text


@check("chat/completions", "streamed tool loop")
async def _():
    text = await ask("The weather?", stream=True, function_choice_behavior=FunctionChoiceBehavior.Auto())
    assert "sunny" in text, text


@check("chat/completions", "object")
async def _():
    assert json.loads(await ask("Where?", response_format=City)) == {"city": "Bern"}


@check("chat/completions", "errors")
async def _():
    try:
        await ask("Hello!", name="no-such-model")
    except Exception as error:
        assert "no-such-model" in f"{error} {error.__cause__}", error
    else:
        raise AssertionError("no error")


@check("embeddings", "vectors")
async def _():
    vectors = await OpenAITextEmbedding(ai_model_id=model, async_client=client()).generate_embeddings(["a", "b"])
    assert len(vectors) == 2, vectors
